/** Keystores that others made. */
export interface Known {
  readonly from: string
  readonly passphrase: string
  readonly privateKey: string
  readonly text: string
}

const SECRET = '0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d'

/** The two of the definition of the format. */
export const PBKDF2: Known = {
  from: 'the definition, PBKDF2',
  passphrase: 'testpassword',
  privateKey: SECRET,
  text: `{
    "crypto" : {
        "cipher" : "aes-128-ctr",
        "cipherparams" : { "iv" : "6087dab2f9fdbbfaddc31a909735c1e6" },
        "ciphertext" : "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
        "kdf" : "pbkdf2",
        "kdfparams" : {
            "c" : 262144,
            "dklen" : 32,
            "prf" : "hmac-sha256",
            "salt" : "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"
        },
        "mac" : "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"
    },
    "id" : "3198bc9c-6672-5ab3-d995-4942343ae5b6",
    "version" : 3
}`,
}

export const SCRYPT: Known = {
  from: 'the definition, scrypt',
  passphrase: 'testpassword',
  privateKey: SECRET,
  text: `{
    "crypto" : {
        "cipher" : "aes-128-ctr",
        "cipherparams" : { "iv" : "83dbcc02d8ccb40e466191a123791e0e" },
        "ciphertext" : "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
        "kdf" : "scrypt",
        "kdfparams" : {
            "dklen" : 32,
            "n" : 262144,
            "p" : 8,
            "r" : 1,
            "salt" : "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19"
        },
        "mac" : "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097"
    },
    "id" : "3198bc9c-6672-5ab3-d995-4942343ae5b6",
    "version" : 3
}`,
}

/** Written by ethers 6.13.5, with fewer rounds than it takes by itself. */
export const ETHERS: Known = {
  from: 'ethers',
  passphrase: 'made elsewhere',
  privateKey: '0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318',
  text:
    '{"address":"2c7536e3605d9c16a7a3d7b1898e529396a65c23","id":"f17e8022-9b41-4eee-a921-d75334a44c48","version":3,"Crypto":{' +
    '"cipher":"aes-128-ctr","cipherparams":{"iv":"7cc61cb57b347228ecb24d58ee61558d"},' +
    '"ciphertext":"15b9b4545c7bd9ea004495be42abddb0843b82d8d4bfc931372b9555c1f97aa0","kdf":"scrypt","kdfparams":{' +
    '"salt":"0b5f54c8a7de71162ff26cfc665519e403c32279c578d9b4491e5ae383541136","n":4096,"dklen":32,"p":1,"r":8},' +
    '"mac":"a62053e3c32ae9960dd8de1624f8db5b491c56b3a826e299ff7afebf2fb8f258"}}',
}
