/** The interface and the bytecode of CairnVerifier.sol. By `npm run contracts`. */

/** The interface of the contract CairnVerifier, as viem takes it. */
export const cairnVerifierAbi = [
  {
    "inputs": [
      {
        "internalType": "uint64",
        "name": "timestamp",
        "type": "uint64"
      },
      {
        "internalType": "uint64",
        "name": "validFrom",
        "type": "uint64"
      }
    ],
    "name": "DelegationEarly",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint64",
        "name": "timestamp",
        "type": "uint64"
      },
      {
        "internalType": "uint64",
        "name": "validUntil",
        "type": "uint64"
      }
    ],
    "name": "DelegationExpired",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "Incoherent",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "Malformed",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "NotAnAncestor",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "NotDelegated",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "NotSealed",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "WrongRoots",
    "type": "error"
  }
] as const

/** The code that deploys the contract CairnVerifier. */
export const cairnVerifierBytecode = '0x6080806040523460175760049081601d823930815050f35b600080fdfe600080fd' as const
