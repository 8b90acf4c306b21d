/** The interface and the bytecode of CairnAnchors.sol. By `npm run contracts`. */

/** The interface of the contract CairnAnchors, as viem takes it. */
export const cairnAnchorsAbi = [
  {
    "inputs": [],
    "name": "NoRoot",
    "type": "error"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "root",
        "type": "bytes32"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "publisher",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "string",
        "name": "uri",
        "type": "string"
      }
    ],
    "name": "Anchored",
    "type": "event"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "root",
        "type": "bytes32"
      },
      {
        "internalType": "string",
        "name": "uri",
        "type": "string"
      }
    ],
    "name": "anchor",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "root",
        "type": "bytes32"
      }
    ],
    "name": "anchoredAt",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "time",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "chainId",
        "type": "bytes32"
      },
      {
        "internalType": "uint64",
        "name": "height",
        "type": "uint64"
      },
      {
        "internalType": "bytes32",
        "name": "blockHash",
        "type": "bytes32"
      },
      {
        "internalType": "uint64",
        "name": "timestamp",
        "type": "uint64"
      },
      {
        "internalType": "bytes32[]",
        "name": "path",
        "type": "bytes32[]"
      },
      {
        "internalType": "bytes32",
        "name": "root",
        "type": "bytes32"
      }
    ],
    "name": "timeOf",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  }
] as const

/** The code that deploys the contract CairnAnchors. */
export const cairnAnchorsBytecode = '0x608080604052346015576103c8908161001b8239f35b600080fdfe608080604052600436101561001357600080fd5b60003560e01c9081631a8512ea1461021e5750806393b5106b1461008f57639591a6101461004057600080fd5b3461008a5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261008a5760043560005260006020526020604060002054604051908152f35b600080fd5b3461008a5760c07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261008a5760243567ffffffffffffffff811680910361008a576064359067ffffffffffffffff821680920361008a5760843567ffffffffffffffff811161008a573660238201121561008a5780600401359167ffffffffffffffff831161008a573660248460051b8401011161008a5760a4359360405190602082019260043584526040830152604435606083015260808201526080815261015d60a082610358565b5190206040516020810191825260208152610179604082610358565b519020906000915b84848410156101f45750600190600584901b830160240135808210156101cc5760405190602082019283526040820152604081526101c0606082610358565b5190205b920191610181565b9060405190602082019283526040820152604081526101ec606082610358565b5190206101c4565b90810361021457600052600060205260206040600020545b604051908152f35b506020600061020c565b3461008a5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261008a5760043560243567ffffffffffffffff811161008a573660238201121561008a5780600401359267ffffffffffffffff841161008a57366024858401011161008a57821561032e578360247fcae51d14a041cce29e7f4c7fb0e7ec9ec5db4b1cd18cd5902a96c13b69f2434a9385600052600060205260406000205415610319575b602084528260208501520160408301376000604085830101526040817fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f339701168101030190a3005b856000526000602052426040600020556102ce565b7fcccc27000000000000000000000000000000000000000000000000000000000060005260046000fd5b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff82111761039957604052565b7f4e487b7100000000000000000000000000000000000000000000000000000000600052604160045260246000fd' as const
