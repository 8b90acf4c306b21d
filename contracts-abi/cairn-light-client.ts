/** The interface and the bytecode of CairnLightClient.sol. By `npm run contracts`. */

/** The interface of the contract CairnLightClient, as viem takes it. */
export const cairnLightClientAbi = [
  {
    "inputs": [
      {
        "components": [
          {
            "internalType": "string",
            "name": "name",
            "type": "string"
          },
          {
            "internalType": "address",
            "name": "coldKey",
            "type": "address"
          },
          {
            "internalType": "string",
            "name": "machine",
            "type": "string"
          },
          {
            "internalType": "uint64",
            "name": "createdAt",
            "type": "uint64"
          },
          {
            "internalType": "bytes32",
            "name": "nonce",
            "type": "bytes32"
          }
        ],
        "internalType": "struct CairnVerifier.Genesis",
        "name": "genesis",
        "type": "tuple"
      },
      {
        "components": [
          {
            "internalType": "uint64",
            "name": "index",
            "type": "uint64"
          },
          {
            "internalType": "uint64",
            "name": "fromHeight",
            "type": "uint64"
          },
          {
            "internalType": "bytes32",
            "name": "parentHash",
            "type": "bytes32"
          },
          {
            "internalType": "bytes",
            "name": "signature",
            "type": "bytes"
          }
        ],
        "internalType": "struct CairnVerifier.Revocation[]",
        "name": "revocations",
        "type": "tuple[]"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "constructor"
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
    "inputs": [
      {
        "internalType": "uint64",
        "name": "epoch",
        "type": "uint64"
      },
      {
        "internalType": "uint64",
        "name": "held",
        "type": "uint64"
      }
    ],
    "name": "EpochLower",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "Frozen",
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
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "base",
        "type": "bytes32"
      }
    ],
    "name": "NoBase",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "NoContradiction",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "NotADescendant",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "blockHash",
        "type": "bytes32"
      }
    ],
    "name": "NotAccepted",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "NotAnAncestor",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "NotByColdKey",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "NotDelegated",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "NotFrozen",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "NotInRange",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "NotInState",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint64",
        "name": "height",
        "type": "uint64"
      },
      {
        "internalType": "uint64",
        "name": "held",
        "type": "uint64"
      }
    ],
    "name": "NotNewer",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "NotSealed",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "NothingStands",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "OutOfRange",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint64",
        "name": "index",
        "type": "uint64"
      }
    ],
    "name": "SealRevoked",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "SomethingStands",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "thawAt",
        "type": "uint256"
      }
    ],
    "name": "ThawAnnouncedAlready",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "ThawNotAnnounced",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "thawAt",
        "type": "uint256"
      }
    ],
    "name": "ThawTooEarly",
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
        "name": "held",
        "type": "uint64"
      }
    ],
    "name": "TimeEarlier",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint64",
        "name": "timestamp",
        "type": "uint64"
      }
    ],
    "name": "TooFarAhead",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "UnwindFirst",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "WrongRoots",
    "type": "error"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "uint64",
        "name": "height",
        "type": "uint64"
      },
      {
        "indexed": false,
        "internalType": "bytes32",
        "name": "blockHashA",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "bytes32",
        "name": "blockHashB",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "bool",
        "name": "isExplained",
        "type": "bool"
      }
    ],
    "name": "Equivocation",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "blockHash",
        "type": "bytes32"
      },
      {
        "indexed": true,
        "internalType": "uint64",
        "name": "height",
        "type": "uint64"
      },
      {
        "indexed": false,
        "internalType": "uint64",
        "name": "index",
        "type": "uint64"
      },
      {
        "indexed": false,
        "internalType": "uint64",
        "name": "timestamp",
        "type": "uint64"
      }
    ],
    "name": "HeadAccepted",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "uint64",
        "name": "index",
        "type": "uint64"
      },
      {
        "indexed": false,
        "internalType": "uint64",
        "name": "fromHeight",
        "type": "uint64"
      },
      {
        "indexed": false,
        "internalType": "bytes32",
        "name": "parentHash",
        "type": "bytes32"
      }
    ],
    "name": "Revocation",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "uint64",
        "name": "round",
        "type": "uint64"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "thawAt",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "bool",
        "name": "afresh",
        "type": "bool"
      }
    ],
    "name": "ThawAnnounced",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "uint64",
        "name": "round",
        "type": "uint64"
      }
    ],
    "name": "Thawed",
    "type": "event"
  },
  {
    "inputs": [],
    "name": "AHEAD_LIMIT",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "THAW_DELAY",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bool",
        "name": "afresh",
        "type": "bool"
      },
      {
        "internalType": "bytes",
        "name": "signature",
        "type": "bytes"
      }
    ],
    "name": "announceThaw",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "chainId",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "coldKey",
    "outputs": [
      {
        "internalType": "address",
        "name": "",
        "type": "address"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "createdAt",
    "outputs": [
      {
        "internalType": "uint64",
        "name": "",
        "type": "uint64"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "head",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "hash",
        "type": "bytes32"
      },
      {
        "components": [
          {
            "internalType": "uint48",
            "name": "height",
            "type": "uint48"
          },
          {
            "internalType": "uint48",
            "name": "epoch",
            "type": "uint48"
          },
          {
            "internalType": "uint48",
            "name": "timestamp",
            "type": "uint48"
          },
          {
            "internalType": "uint64",
            "name": "index",
            "type": "uint64"
          },
          {
            "internalType": "uint40",
            "name": "acceptedAt",
            "type": "uint40"
          }
        ],
        "internalType": "struct CairnLightClient.Head",
        "name": "found",
        "type": "tuple"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "blockHash",
        "type": "bytes32"
      }
    ],
    "name": "heads",
    "outputs": [
      {
        "internalType": "uint48",
        "name": "height",
        "type": "uint48"
      },
      {
        "internalType": "uint48",
        "name": "epoch",
        "type": "uint48"
      },
      {
        "internalType": "uint48",
        "name": "timestamp",
        "type": "uint48"
      },
      {
        "internalType": "uint64",
        "name": "index",
        "type": "uint64"
      },
      {
        "internalType": "uint40",
        "name": "acceptedAt",
        "type": "uint40"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "digest",
        "type": "bytes32"
      }
    ],
    "name": "isDelegated",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "hash",
        "type": "bytes32"
      }
    ],
    "name": "isStanding",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "components": [
              {
                "internalType": "uint64",
                "name": "height",
                "type": "uint64"
              },
              {
                "internalType": "uint64",
                "name": "epoch",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "parentHash",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "commandsHash",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "batchRoot",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "commandCount",
                "type": "uint64"
              },
              {
                "internalType": "uint64",
                "name": "firstSeq",
                "type": "uint64"
              },
              {
                "internalType": "uint64",
                "name": "timestamp",
                "type": "uint64"
              }
            ],
            "internalType": "struct CairnVerifier.Header",
            "name": "header",
            "type": "tuple"
          },
          {
            "components": [
              {
                "components": [
                  {
                    "internalType": "address",
                    "name": "delegate",
                    "type": "address"
                  },
                  {
                    "internalType": "uint64",
                    "name": "index",
                    "type": "uint64"
                  },
                  {
                    "internalType": "uint64",
                    "name": "validFrom",
                    "type": "uint64"
                  },
                  {
                    "internalType": "uint64",
                    "name": "validUntil",
                    "type": "uint64"
                  },
                  {
                    "internalType": "bytes",
                    "name": "signature",
                    "type": "bytes"
                  }
                ],
                "internalType": "struct CairnVerifier.Delegation",
                "name": "delegation",
                "type": "tuple"
              },
              {
                "internalType": "bytes",
                "name": "signature",
                "type": "bytes"
              }
            ],
            "internalType": "struct CairnVerifier.Seal",
            "name": "seal",
            "type": "tuple"
          },
          {
            "internalType": "bool",
            "name": "hasAncestor",
            "type": "bool"
          },
          {
            "components": [
              {
                "internalType": "bytes32",
                "name": "state",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "risk",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "commandSize",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "commandRoot",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "obligationSize",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "obligationRoot",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "intentSize",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "intentRoot",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "history",
                "type": "bytes32"
              }
            ],
            "internalType": "struct CairnVerifier.Roots",
            "name": "roots",
            "type": "tuple"
          },
          {
            "components": [
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
                "internalType": "bytes32[]",
                "name": "path",
                "type": "bytes32[]"
              }
            ],
            "internalType": "struct CairnVerifier.Ancestor",
            "name": "ancestor",
            "type": "tuple"
          }
        ],
        "internalType": "struct CairnVerifier.Side",
        "name": "a",
        "type": "tuple"
      },
      {
        "components": [
          {
            "components": [
              {
                "internalType": "uint64",
                "name": "height",
                "type": "uint64"
              },
              {
                "internalType": "uint64",
                "name": "epoch",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "parentHash",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "commandsHash",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "batchRoot",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "commandCount",
                "type": "uint64"
              },
              {
                "internalType": "uint64",
                "name": "firstSeq",
                "type": "uint64"
              },
              {
                "internalType": "uint64",
                "name": "timestamp",
                "type": "uint64"
              }
            ],
            "internalType": "struct CairnVerifier.Header",
            "name": "header",
            "type": "tuple"
          },
          {
            "components": [
              {
                "components": [
                  {
                    "internalType": "address",
                    "name": "delegate",
                    "type": "address"
                  },
                  {
                    "internalType": "uint64",
                    "name": "index",
                    "type": "uint64"
                  },
                  {
                    "internalType": "uint64",
                    "name": "validFrom",
                    "type": "uint64"
                  },
                  {
                    "internalType": "uint64",
                    "name": "validUntil",
                    "type": "uint64"
                  },
                  {
                    "internalType": "bytes",
                    "name": "signature",
                    "type": "bytes"
                  }
                ],
                "internalType": "struct CairnVerifier.Delegation",
                "name": "delegation",
                "type": "tuple"
              },
              {
                "internalType": "bytes",
                "name": "signature",
                "type": "bytes"
              }
            ],
            "internalType": "struct CairnVerifier.Seal",
            "name": "seal",
            "type": "tuple"
          },
          {
            "internalType": "bool",
            "name": "hasAncestor",
            "type": "bool"
          },
          {
            "components": [
              {
                "internalType": "bytes32",
                "name": "state",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "risk",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "commandSize",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "commandRoot",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "obligationSize",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "obligationRoot",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "intentSize",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "intentRoot",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "history",
                "type": "bytes32"
              }
            ],
            "internalType": "struct CairnVerifier.Roots",
            "name": "roots",
            "type": "tuple"
          },
          {
            "components": [
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
                "internalType": "bytes32[]",
                "name": "path",
                "type": "bytes32[]"
              }
            ],
            "internalType": "struct CairnVerifier.Ancestor",
            "name": "ancestor",
            "type": "tuple"
          }
        ],
        "internalType": "struct CairnVerifier.Side",
        "name": "b",
        "type": "tuple"
      }
    ],
    "name": "reportEquivocation",
    "outputs": [
      {
        "internalType": "bool",
        "name": "isExplained",
        "type": "bool"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "internalType": "uint64",
            "name": "height",
            "type": "uint64"
          },
          {
            "internalType": "uint64",
            "name": "epoch",
            "type": "uint64"
          },
          {
            "internalType": "bytes32",
            "name": "parentHash",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "commandsHash",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "batchRoot",
            "type": "bytes32"
          },
          {
            "internalType": "uint64",
            "name": "commandCount",
            "type": "uint64"
          },
          {
            "internalType": "uint64",
            "name": "firstSeq",
            "type": "uint64"
          },
          {
            "internalType": "uint64",
            "name": "timestamp",
            "type": "uint64"
          }
        ],
        "internalType": "struct CairnVerifier.Header",
        "name": "header",
        "type": "tuple"
      },
      {
        "components": [
          {
            "internalType": "bytes32",
            "name": "state",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "risk",
            "type": "bytes32"
          },
          {
            "internalType": "uint64",
            "name": "commandSize",
            "type": "uint64"
          },
          {
            "internalType": "bytes32",
            "name": "commandRoot",
            "type": "bytes32"
          },
          {
            "internalType": "uint64",
            "name": "obligationSize",
            "type": "uint64"
          },
          {
            "internalType": "bytes32",
            "name": "obligationRoot",
            "type": "bytes32"
          },
          {
            "internalType": "uint64",
            "name": "intentSize",
            "type": "uint64"
          },
          {
            "internalType": "bytes32",
            "name": "intentRoot",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "history",
            "type": "bytes32"
          }
        ],
        "internalType": "struct CairnVerifier.Roots",
        "name": "roots",
        "type": "tuple"
      },
      {
        "components": [
          {
            "components": [
              {
                "internalType": "address",
                "name": "delegate",
                "type": "address"
              },
              {
                "internalType": "uint64",
                "name": "index",
                "type": "uint64"
              },
              {
                "internalType": "uint64",
                "name": "validFrom",
                "type": "uint64"
              },
              {
                "internalType": "uint64",
                "name": "validUntil",
                "type": "uint64"
              },
              {
                "internalType": "bytes",
                "name": "signature",
                "type": "bytes"
              }
            ],
            "internalType": "struct CairnVerifier.Delegation",
            "name": "delegation",
            "type": "tuple"
          },
          {
            "internalType": "bytes",
            "name": "signature",
            "type": "bytes"
          }
        ],
        "internalType": "struct CairnVerifier.Seal",
        "name": "seal",
        "type": "tuple"
      },
      {
        "internalType": "bytes32",
        "name": "base",
        "type": "bytes32"
      },
      {
        "internalType": "bytes32[]",
        "name": "path",
        "type": "bytes32[]"
      }
    ],
    "name": "resume",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "hash",
        "type": "bytes32"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "internalType": "uint64",
            "name": "index",
            "type": "uint64"
          },
          {
            "internalType": "uint64",
            "name": "fromHeight",
            "type": "uint64"
          },
          {
            "internalType": "bytes32",
            "name": "parentHash",
            "type": "bytes32"
          },
          {
            "internalType": "bytes",
            "name": "signature",
            "type": "bytes"
          }
        ],
        "internalType": "struct CairnVerifier.Revocation",
        "name": "revocation",
        "type": "tuple"
      }
    ],
    "name": "revoke",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint64",
        "name": "index",
        "type": "uint64"
      }
    ],
    "name": "revoked",
    "outputs": [
      {
        "internalType": "enum CairnLightClient.Extent",
        "name": "extent",
        "type": "uint8"
      },
      {
        "internalType": "uint64",
        "name": "fromHeight",
        "type": "uint64"
      },
      {
        "internalType": "bytes32",
        "name": "parentHash",
        "type": "bytes32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "status",
    "outputs": [
      {
        "internalType": "uint64",
        "name": "runs",
        "type": "uint64"
      },
      {
        "internalType": "bool",
        "name": "hasBegun",
        "type": "bool"
      },
      {
        "internalType": "bool",
        "name": "isFrozen",
        "type": "bool"
      },
      {
        "internalType": "uint64",
        "name": "round",
        "type": "uint64"
      },
      {
        "internalType": "uint40",
        "name": "thawAt",
        "type": "uint40"
      },
      {
        "internalType": "bool",
        "name": "isAfresh",
        "type": "bool"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "internalType": "uint64",
            "name": "height",
            "type": "uint64"
          },
          {
            "internalType": "uint64",
            "name": "epoch",
            "type": "uint64"
          },
          {
            "internalType": "bytes32",
            "name": "parentHash",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "commandsHash",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "batchRoot",
            "type": "bytes32"
          },
          {
            "internalType": "uint64",
            "name": "commandCount",
            "type": "uint64"
          },
          {
            "internalType": "uint64",
            "name": "firstSeq",
            "type": "uint64"
          },
          {
            "internalType": "uint64",
            "name": "timestamp",
            "type": "uint64"
          }
        ],
        "internalType": "struct CairnVerifier.Header",
        "name": "header",
        "type": "tuple"
      },
      {
        "components": [
          {
            "internalType": "bytes32",
            "name": "state",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "risk",
            "type": "bytes32"
          },
          {
            "internalType": "uint64",
            "name": "commandSize",
            "type": "uint64"
          },
          {
            "internalType": "bytes32",
            "name": "commandRoot",
            "type": "bytes32"
          },
          {
            "internalType": "uint64",
            "name": "obligationSize",
            "type": "uint64"
          },
          {
            "internalType": "bytes32",
            "name": "obligationRoot",
            "type": "bytes32"
          },
          {
            "internalType": "uint64",
            "name": "intentSize",
            "type": "uint64"
          },
          {
            "internalType": "bytes32",
            "name": "intentRoot",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "history",
            "type": "bytes32"
          }
        ],
        "internalType": "struct CairnVerifier.Roots",
        "name": "roots",
        "type": "tuple"
      },
      {
        "components": [
          {
            "components": [
              {
                "internalType": "address",
                "name": "delegate",
                "type": "address"
              },
              {
                "internalType": "uint64",
                "name": "index",
                "type": "uint64"
              },
              {
                "internalType": "uint64",
                "name": "validFrom",
                "type": "uint64"
              },
              {
                "internalType": "uint64",
                "name": "validUntil",
                "type": "uint64"
              },
              {
                "internalType": "bytes",
                "name": "signature",
                "type": "bytes"
              }
            ],
            "internalType": "struct CairnVerifier.Delegation",
            "name": "delegation",
            "type": "tuple"
          },
          {
            "internalType": "bytes",
            "name": "signature",
            "type": "bytes"
          }
        ],
        "internalType": "struct CairnVerifier.Seal",
        "name": "seal",
        "type": "tuple"
      },
      {
        "internalType": "bytes32[]",
        "name": "path",
        "type": "bytes32[]"
      }
    ],
    "name": "submitBlock",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "hash",
        "type": "bytes32"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "thaw",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint64",
        "name": "round",
        "type": "uint64"
      },
      {
        "internalType": "bool",
        "name": "afresh",
        "type": "bool"
      }
    ],
    "name": "thawDigest",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "steps",
        "type": "uint256"
      }
    ],
    "name": "unwind",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "components": [
              {
                "internalType": "uint64",
                "name": "height",
                "type": "uint64"
              },
              {
                "internalType": "uint64",
                "name": "epoch",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "parentHash",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "commandsHash",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "batchRoot",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "commandCount",
                "type": "uint64"
              },
              {
                "internalType": "uint64",
                "name": "firstSeq",
                "type": "uint64"
              },
              {
                "internalType": "uint64",
                "name": "timestamp",
                "type": "uint64"
              }
            ],
            "internalType": "struct CairnVerifier.Header",
            "name": "header",
            "type": "tuple"
          },
          {
            "components": [
              {
                "internalType": "bytes32",
                "name": "state",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "risk",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "commandSize",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "commandRoot",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "obligationSize",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "obligationRoot",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "intentSize",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "intentRoot",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "history",
                "type": "bytes32"
              }
            ],
            "internalType": "struct CairnVerifier.Roots",
            "name": "roots",
            "type": "tuple"
          }
        ],
        "internalType": "struct CairnLightClient.Ground",
        "name": "ground",
        "type": "tuple"
      },
      {
        "components": [
          {
            "components": [
              {
                "components": [
                  {
                    "internalType": "uint64",
                    "name": "height",
                    "type": "uint64"
                  },
                  {
                    "internalType": "uint64",
                    "name": "epoch",
                    "type": "uint64"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "parentHash",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "commandsHash",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "batchRoot",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "uint64",
                    "name": "commandCount",
                    "type": "uint64"
                  },
                  {
                    "internalType": "uint64",
                    "name": "firstSeq",
                    "type": "uint64"
                  },
                  {
                    "internalType": "uint64",
                    "name": "timestamp",
                    "type": "uint64"
                  }
                ],
                "internalType": "struct CairnVerifier.Header",
                "name": "header",
                "type": "tuple"
              },
              {
                "components": [
                  {
                    "internalType": "bytes32",
                    "name": "state",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "risk",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "uint64",
                    "name": "commandSize",
                    "type": "uint64"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "commandRoot",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "uint64",
                    "name": "obligationSize",
                    "type": "uint64"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "obligationRoot",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "uint64",
                    "name": "intentSize",
                    "type": "uint64"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "intentRoot",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "history",
                    "type": "bytes32"
                  }
                ],
                "internalType": "struct CairnVerifier.Roots",
                "name": "roots",
                "type": "tuple"
              }
            ],
            "internalType": "struct CairnLightClient.Ground",
            "name": "head",
            "type": "tuple"
          },
          {
            "internalType": "bytes32[]",
            "name": "path",
            "type": "bytes32[]"
          }
        ],
        "internalType": "struct CairnLightClient.Descent[]",
        "name": "under",
        "type": "tuple[]"
      },
      {
        "internalType": "enum CairnLightClient.Tree",
        "name": "tree",
        "type": "uint8"
      },
      {
        "internalType": "bytes",
        "name": "key",
        "type": "bytes"
      },
      {
        "internalType": "bytes32[]",
        "name": "siblings",
        "type": "bytes32[]"
      },
      {
        "components": [
          {
            "internalType": "bytes32",
            "name": "key",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "value",
            "type": "bytes32"
          }
        ],
        "internalType": "struct CairnVerifier.OtherLeaf[]",
        "name": "other",
        "type": "tuple[]"
      }
    ],
    "name": "verifyAbsence",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "acceptedAt",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "components": [
              {
                "internalType": "uint64",
                "name": "height",
                "type": "uint64"
              },
              {
                "internalType": "uint64",
                "name": "epoch",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "parentHash",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "commandsHash",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "batchRoot",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "commandCount",
                "type": "uint64"
              },
              {
                "internalType": "uint64",
                "name": "firstSeq",
                "type": "uint64"
              },
              {
                "internalType": "uint64",
                "name": "timestamp",
                "type": "uint64"
              }
            ],
            "internalType": "struct CairnVerifier.Header",
            "name": "header",
            "type": "tuple"
          },
          {
            "components": [
              {
                "internalType": "bytes32",
                "name": "state",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "risk",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "commandSize",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "commandRoot",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "obligationSize",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "obligationRoot",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "intentSize",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "intentRoot",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "history",
                "type": "bytes32"
              }
            ],
            "internalType": "struct CairnVerifier.Roots",
            "name": "roots",
            "type": "tuple"
          }
        ],
        "internalType": "struct CairnLightClient.Ground",
        "name": "ground",
        "type": "tuple"
      },
      {
        "components": [
          {
            "components": [
              {
                "components": [
                  {
                    "internalType": "uint64",
                    "name": "height",
                    "type": "uint64"
                  },
                  {
                    "internalType": "uint64",
                    "name": "epoch",
                    "type": "uint64"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "parentHash",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "commandsHash",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "batchRoot",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "uint64",
                    "name": "commandCount",
                    "type": "uint64"
                  },
                  {
                    "internalType": "uint64",
                    "name": "firstSeq",
                    "type": "uint64"
                  },
                  {
                    "internalType": "uint64",
                    "name": "timestamp",
                    "type": "uint64"
                  }
                ],
                "internalType": "struct CairnVerifier.Header",
                "name": "header",
                "type": "tuple"
              },
              {
                "components": [
                  {
                    "internalType": "bytes32",
                    "name": "state",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "risk",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "uint64",
                    "name": "commandSize",
                    "type": "uint64"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "commandRoot",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "uint64",
                    "name": "obligationSize",
                    "type": "uint64"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "obligationRoot",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "uint64",
                    "name": "intentSize",
                    "type": "uint64"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "intentRoot",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "history",
                    "type": "bytes32"
                  }
                ],
                "internalType": "struct CairnVerifier.Roots",
                "name": "roots",
                "type": "tuple"
              }
            ],
            "internalType": "struct CairnLightClient.Ground",
            "name": "head",
            "type": "tuple"
          },
          {
            "internalType": "bytes32[]",
            "name": "path",
            "type": "bytes32[]"
          }
        ],
        "internalType": "struct CairnLightClient.Descent[]",
        "name": "under",
        "type": "tuple[]"
      }
    ],
    "name": "verifyBlock",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "acceptedAt",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "components": [
              {
                "internalType": "uint64",
                "name": "height",
                "type": "uint64"
              },
              {
                "internalType": "uint64",
                "name": "epoch",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "parentHash",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "commandsHash",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "batchRoot",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "commandCount",
                "type": "uint64"
              },
              {
                "internalType": "uint64",
                "name": "firstSeq",
                "type": "uint64"
              },
              {
                "internalType": "uint64",
                "name": "timestamp",
                "type": "uint64"
              }
            ],
            "internalType": "struct CairnVerifier.Header",
            "name": "header",
            "type": "tuple"
          },
          {
            "components": [
              {
                "internalType": "bytes32",
                "name": "state",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "risk",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "commandSize",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "commandRoot",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "obligationSize",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "obligationRoot",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "intentSize",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "intentRoot",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "history",
                "type": "bytes32"
              }
            ],
            "internalType": "struct CairnVerifier.Roots",
            "name": "roots",
            "type": "tuple"
          }
        ],
        "internalType": "struct CairnLightClient.Ground",
        "name": "ground",
        "type": "tuple"
      },
      {
        "components": [
          {
            "components": [
              {
                "components": [
                  {
                    "internalType": "uint64",
                    "name": "height",
                    "type": "uint64"
                  },
                  {
                    "internalType": "uint64",
                    "name": "epoch",
                    "type": "uint64"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "parentHash",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "commandsHash",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "batchRoot",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "uint64",
                    "name": "commandCount",
                    "type": "uint64"
                  },
                  {
                    "internalType": "uint64",
                    "name": "firstSeq",
                    "type": "uint64"
                  },
                  {
                    "internalType": "uint64",
                    "name": "timestamp",
                    "type": "uint64"
                  }
                ],
                "internalType": "struct CairnVerifier.Header",
                "name": "header",
                "type": "tuple"
              },
              {
                "components": [
                  {
                    "internalType": "bytes32",
                    "name": "state",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "risk",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "uint64",
                    "name": "commandSize",
                    "type": "uint64"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "commandRoot",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "uint64",
                    "name": "obligationSize",
                    "type": "uint64"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "obligationRoot",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "uint64",
                    "name": "intentSize",
                    "type": "uint64"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "intentRoot",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "history",
                    "type": "bytes32"
                  }
                ],
                "internalType": "struct CairnVerifier.Roots",
                "name": "roots",
                "type": "tuple"
              }
            ],
            "internalType": "struct CairnLightClient.Ground",
            "name": "head",
            "type": "tuple"
          },
          {
            "internalType": "bytes32[]",
            "name": "path",
            "type": "bytes32[]"
          }
        ],
        "internalType": "struct CairnLightClient.Descent[]",
        "name": "under",
        "type": "tuple[]"
      },
      {
        "components": [
          {
            "internalType": "uint64",
            "name": "seq",
            "type": "uint64"
          },
          {
            "internalType": "string",
            "name": "client",
            "type": "string"
          },
          {
            "internalType": "uint64",
            "name": "request",
            "type": "uint64"
          },
          {
            "internalType": "string",
            "name": "commandType",
            "type": "string"
          },
          {
            "internalType": "bytes32",
            "name": "payloadHash",
            "type": "bytes32"
          },
          {
            "internalType": "uint64",
            "name": "receivedAt",
            "type": "uint64"
          },
          {
            "internalType": "uint8",
            "name": "status",
            "type": "uint8"
          },
          {
            "internalType": "bytes",
            "name": "reply",
            "type": "bytes"
          },
          {
            "internalType": "uint64",
            "name": "obligationSize",
            "type": "uint64"
          },
          {
            "internalType": "uint64",
            "name": "intentSize",
            "type": "uint64"
          }
        ],
        "internalType": "struct CairnVerifier.Command",
        "name": "command",
        "type": "tuple"
      },
      {
        "internalType": "bytes32[]",
        "name": "path",
        "type": "bytes32[]"
      }
    ],
    "name": "verifyCommand",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "acceptedAt",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "components": [
              {
                "internalType": "uint64",
                "name": "height",
                "type": "uint64"
              },
              {
                "internalType": "uint64",
                "name": "epoch",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "parentHash",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "commandsHash",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "batchRoot",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "commandCount",
                "type": "uint64"
              },
              {
                "internalType": "uint64",
                "name": "firstSeq",
                "type": "uint64"
              },
              {
                "internalType": "uint64",
                "name": "timestamp",
                "type": "uint64"
              }
            ],
            "internalType": "struct CairnVerifier.Header",
            "name": "header",
            "type": "tuple"
          },
          {
            "components": [
              {
                "internalType": "bytes32",
                "name": "state",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "risk",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "commandSize",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "commandRoot",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "obligationSize",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "obligationRoot",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "intentSize",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "intentRoot",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "history",
                "type": "bytes32"
              }
            ],
            "internalType": "struct CairnVerifier.Roots",
            "name": "roots",
            "type": "tuple"
          }
        ],
        "internalType": "struct CairnLightClient.Ground",
        "name": "ground",
        "type": "tuple"
      },
      {
        "components": [
          {
            "components": [
              {
                "components": [
                  {
                    "internalType": "uint64",
                    "name": "height",
                    "type": "uint64"
                  },
                  {
                    "internalType": "uint64",
                    "name": "epoch",
                    "type": "uint64"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "parentHash",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "commandsHash",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "batchRoot",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "uint64",
                    "name": "commandCount",
                    "type": "uint64"
                  },
                  {
                    "internalType": "uint64",
                    "name": "firstSeq",
                    "type": "uint64"
                  },
                  {
                    "internalType": "uint64",
                    "name": "timestamp",
                    "type": "uint64"
                  }
                ],
                "internalType": "struct CairnVerifier.Header",
                "name": "header",
                "type": "tuple"
              },
              {
                "components": [
                  {
                    "internalType": "bytes32",
                    "name": "state",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "risk",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "uint64",
                    "name": "commandSize",
                    "type": "uint64"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "commandRoot",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "uint64",
                    "name": "obligationSize",
                    "type": "uint64"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "obligationRoot",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "uint64",
                    "name": "intentSize",
                    "type": "uint64"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "intentRoot",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "history",
                    "type": "bytes32"
                  }
                ],
                "internalType": "struct CairnVerifier.Roots",
                "name": "roots",
                "type": "tuple"
              }
            ],
            "internalType": "struct CairnLightClient.Ground",
            "name": "head",
            "type": "tuple"
          },
          {
            "internalType": "bytes32[]",
            "name": "path",
            "type": "bytes32[]"
          }
        ],
        "internalType": "struct CairnLightClient.Descent[]",
        "name": "under",
        "type": "tuple[]"
      },
      {
        "components": [
          {
            "internalType": "uint64",
            "name": "index",
            "type": "uint64"
          },
          {
            "internalType": "uint64",
            "name": "seq",
            "type": "uint64"
          },
          {
            "internalType": "string",
            "name": "kind",
            "type": "string"
          },
          {
            "internalType": "bytes",
            "name": "data",
            "type": "bytes"
          }
        ],
        "internalType": "struct CairnVerifier.Intent",
        "name": "intent",
        "type": "tuple"
      },
      {
        "internalType": "bytes32[]",
        "name": "path",
        "type": "bytes32[]"
      }
    ],
    "name": "verifyIntent",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "acceptedAt",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "components": [
              {
                "internalType": "uint64",
                "name": "height",
                "type": "uint64"
              },
              {
                "internalType": "uint64",
                "name": "epoch",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "parentHash",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "commandsHash",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "batchRoot",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "commandCount",
                "type": "uint64"
              },
              {
                "internalType": "uint64",
                "name": "firstSeq",
                "type": "uint64"
              },
              {
                "internalType": "uint64",
                "name": "timestamp",
                "type": "uint64"
              }
            ],
            "internalType": "struct CairnVerifier.Header",
            "name": "header",
            "type": "tuple"
          },
          {
            "components": [
              {
                "internalType": "bytes32",
                "name": "state",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "risk",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "commandSize",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "commandRoot",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "obligationSize",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "obligationRoot",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "intentSize",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "intentRoot",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "history",
                "type": "bytes32"
              }
            ],
            "internalType": "struct CairnVerifier.Roots",
            "name": "roots",
            "type": "tuple"
          }
        ],
        "internalType": "struct CairnLightClient.Ground",
        "name": "ground",
        "type": "tuple"
      },
      {
        "components": [
          {
            "components": [
              {
                "components": [
                  {
                    "internalType": "uint64",
                    "name": "height",
                    "type": "uint64"
                  },
                  {
                    "internalType": "uint64",
                    "name": "epoch",
                    "type": "uint64"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "parentHash",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "commandsHash",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "batchRoot",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "uint64",
                    "name": "commandCount",
                    "type": "uint64"
                  },
                  {
                    "internalType": "uint64",
                    "name": "firstSeq",
                    "type": "uint64"
                  },
                  {
                    "internalType": "uint64",
                    "name": "timestamp",
                    "type": "uint64"
                  }
                ],
                "internalType": "struct CairnVerifier.Header",
                "name": "header",
                "type": "tuple"
              },
              {
                "components": [
                  {
                    "internalType": "bytes32",
                    "name": "state",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "risk",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "uint64",
                    "name": "commandSize",
                    "type": "uint64"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "commandRoot",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "uint64",
                    "name": "obligationSize",
                    "type": "uint64"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "obligationRoot",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "uint64",
                    "name": "intentSize",
                    "type": "uint64"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "intentRoot",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "history",
                    "type": "bytes32"
                  }
                ],
                "internalType": "struct CairnVerifier.Roots",
                "name": "roots",
                "type": "tuple"
              }
            ],
            "internalType": "struct CairnLightClient.Ground",
            "name": "head",
            "type": "tuple"
          },
          {
            "internalType": "bytes32[]",
            "name": "path",
            "type": "bytes32[]"
          }
        ],
        "internalType": "struct CairnLightClient.Descent[]",
        "name": "under",
        "type": "tuple[]"
      },
      {
        "components": [
          {
            "internalType": "uint64",
            "name": "index",
            "type": "uint64"
          },
          {
            "internalType": "uint64",
            "name": "seq",
            "type": "uint64"
          },
          {
            "internalType": "string",
            "name": "topic",
            "type": "string"
          },
          {
            "internalType": "bytes",
            "name": "data",
            "type": "bytes"
          }
        ],
        "internalType": "struct CairnVerifier.Obligation",
        "name": "obligation",
        "type": "tuple"
      },
      {
        "internalType": "bytes32[]",
        "name": "path",
        "type": "bytes32[]"
      }
    ],
    "name": "verifyObligation",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "acceptedAt",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "components": [
              {
                "internalType": "uint64",
                "name": "height",
                "type": "uint64"
              },
              {
                "internalType": "uint64",
                "name": "epoch",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "parentHash",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "commandsHash",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "batchRoot",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "commandCount",
                "type": "uint64"
              },
              {
                "internalType": "uint64",
                "name": "firstSeq",
                "type": "uint64"
              },
              {
                "internalType": "uint64",
                "name": "timestamp",
                "type": "uint64"
              }
            ],
            "internalType": "struct CairnVerifier.Header",
            "name": "header",
            "type": "tuple"
          },
          {
            "components": [
              {
                "internalType": "bytes32",
                "name": "state",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "risk",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "commandSize",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "commandRoot",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "obligationSize",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "obligationRoot",
                "type": "bytes32"
              },
              {
                "internalType": "uint64",
                "name": "intentSize",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "intentRoot",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "history",
                "type": "bytes32"
              }
            ],
            "internalType": "struct CairnVerifier.Roots",
            "name": "roots",
            "type": "tuple"
          }
        ],
        "internalType": "struct CairnLightClient.Ground",
        "name": "ground",
        "type": "tuple"
      },
      {
        "components": [
          {
            "components": [
              {
                "components": [
                  {
                    "internalType": "uint64",
                    "name": "height",
                    "type": "uint64"
                  },
                  {
                    "internalType": "uint64",
                    "name": "epoch",
                    "type": "uint64"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "parentHash",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "commandsHash",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "batchRoot",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "uint64",
                    "name": "commandCount",
                    "type": "uint64"
                  },
                  {
                    "internalType": "uint64",
                    "name": "firstSeq",
                    "type": "uint64"
                  },
                  {
                    "internalType": "uint64",
                    "name": "timestamp",
                    "type": "uint64"
                  }
                ],
                "internalType": "struct CairnVerifier.Header",
                "name": "header",
                "type": "tuple"
              },
              {
                "components": [
                  {
                    "internalType": "bytes32",
                    "name": "state",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "risk",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "uint64",
                    "name": "commandSize",
                    "type": "uint64"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "commandRoot",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "uint64",
                    "name": "obligationSize",
                    "type": "uint64"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "obligationRoot",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "uint64",
                    "name": "intentSize",
                    "type": "uint64"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "intentRoot",
                    "type": "bytes32"
                  },
                  {
                    "internalType": "bytes32",
                    "name": "history",
                    "type": "bytes32"
                  }
                ],
                "internalType": "struct CairnVerifier.Roots",
                "name": "roots",
                "type": "tuple"
              }
            ],
            "internalType": "struct CairnLightClient.Ground",
            "name": "head",
            "type": "tuple"
          },
          {
            "internalType": "bytes32[]",
            "name": "path",
            "type": "bytes32[]"
          }
        ],
        "internalType": "struct CairnLightClient.Descent[]",
        "name": "under",
        "type": "tuple[]"
      },
      {
        "internalType": "enum CairnLightClient.Tree",
        "name": "tree",
        "type": "uint8"
      },
      {
        "internalType": "bytes",
        "name": "key",
        "type": "bytes"
      },
      {
        "internalType": "bytes",
        "name": "value",
        "type": "bytes"
      },
      {
        "internalType": "bytes32[]",
        "name": "siblings",
        "type": "bytes32[]"
      }
    ],
    "name": "verifyState",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "acceptedAt",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  }
] as const

/** The code that deploys the contract CairnLightClient. */
export const cairnLightClientBytecode = '0x610120806040523461056757615920803803809161001d8285610582565b83398101906040818303126105675780516001600160401b0381116105675781019060a082840312610567576040519160a083016001600160401b0381118482101761056c5760405280516001600160401b0381116105675784610082918301610604565b83526020810151916001600160a01b0383168303610567576020840192835260408201516001600160401b03811161056757856100c0918401610604565b906040850191825260806100d660608501610621565b6060870190815293015160808601908152602082015190916001600160401b03821161056757019580601f88011215610567578651966001600160401b03881161056c578760051b9160405198610130602085018b610582565b89526020808a0193830101918183116105675760208101935b8385106104b9575050505050845151600181109081156104ae575b5061049257815151600181109081156104a3575b506104925783516001600160a01b0316156104925784516020815191012091516020815191012060018060a01b038551169160018060401b038551169051916040519360208501957fe2d319e63d7188f74deb24c765f030f0e7ded4d5af773563bb7be8eaeb87bea6875260408601526060850152608084015260a083015260c082015260c0815261020b60e082610582565b519020918260805260018060a01b0390511660a05260018060401b0390511660c05260405160208101917f599a80fcaa47b95e2323ab4d34d34e0cc9feda4b843edafcc30c7bdf60ea15bf83527fc3176e39fa904bb29796080894ca1f918af45d5b887b485652ca6b91d078cb9660408301527fc89efdaa54c0f20c7adf612882df0950f5a951637e0307cdcb4c672f298b8bc660608301526080820152608081526102b860a082610582565b51902060e05251602081519101206101005260005b81518110156103e557600060208260051b8401015160e05190610100519261039b60018060401b0383511693602084019560018060401b038751169560408601968751906040519260208401947f6b3cc10cd805e7215b0232750e8727338d4e35d3620f297465411ea2711d152b865260408501526060840152608083015260a082015260a0815261036060c082610582565b51902060405190602082019261190160f01b8452602283015260428201526042815261038d606282610582565b519020606084015190610635565b60a0516001600160a01b039081169116036103d657505191519051600193926103d0926001600160401b039081169116610681565b016102cd565b6318df452d60e11b8152600490fd5b6040516150da908161084682396080518161059d015260a0518181816104f7015281816107c9015281816110530152611bd7015260c0518181816103860152818161090f015281816126e4015281816132070152613332015260e0518181816104c8015281816109940152818161277b015281816131c9015281816132ec015261410a01526101005181818161047e015281816109ba015281816127a10152818161373b01526141330152f35b6307b6ad3f60e01b60005260046000fd5b604091501138610178565b604091501138610164565b84516001600160401b038111610567578201906080828503601f1901126105675760405191608083016001600160401b0381118482101761056c5760405261050360208201610621565b835261051160408201610621565b60208401526060810151604084015260808101516001600160401b0381116105675760209101019084601f830112156105675760209261055786848680965191016105a5565b6060820152815201940193610149565b600080fd5b634e487b7160e01b600052604160045260246000fd5b601f909101601f19168101906001600160401b0382119082101761056c57604052565b9192916001600160401b03821161056c57604051906105ce601f8401601f191660200183610582565b8194838352838201116105675760005b8381106105f15750506000910160200152565b80602091830151828286010152016105de565b9080601f8301121561056757815161061e926020016105a5565b90565b51906001600160401b038216820361056757565b8151604181036106795760208301516040840151916040101561066357606061061e94015160f81c926107b3565b634e487b7160e01b600052603260045260246000fd5b505050600090565b60018060401b031690816000526003602052604060002091604051907f26eb3f5724a0a4c757c1e8acf355064a05bc2648f36a42d1a116a3b87ab4b9106040600180821b03851693848152876020820152a260ff835416600381101561079d571561077357825460081c6001600160401b0316811480610766575b61076057825460ff191660021780845560081c6001600160401b0316908181101561074a5750508154610100600160481b03191660089190911b68ffffffffffffffff001617815560010155565b9150919250146107575750565b60016000910155565b50505050565b50836001840154146106fc565b5081546001600160481b03191660089190911b68ffffffffffffffff001617600190811782550155565b634e487b7160e01b600052602160045260246000fd5b919290916fa2a8918ca85bafe22016d0b997e4df60600160ff1b0384118015610822575b6108195760209360009360ff60809460405194855216868401526040830152606082015282805260015afa1561080d5760005190565b6040513d6000823e3d90fd5b50505050600090565b5060ff8216601b8114159081610839575b506107d7565b601c915014153861083356fe608080604052600436101561001357600080fd5b60003560e01c9081630d97b0ff146122c45750806312385c51146121f157806312774d5c1461218c57806318e7726d1461213d5780631f3c37411461201e578063200d2ed214611f8d578063239c6c8814611e7d57806329bcd8ea14611e42578063345db22514611b4057806342e4e0f51461185057806354d2143d146116ab5780635920375c14611431578063772c16581461137c5780637e5d5538146113405780637fd640b6146111a457806380665387146107ed5780638e101cf51461077e5780638f7dcfa3146105c05780639a8a059214610567578063b760756d146103aa578063cf09e0d014610347578063d125e0e114610287578063daf356531461022f578063f98b3557146101e95763fad898c21461013257600080fd5b346101e45760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101e45767ffffffffffffffff61017a6004358260005416614720565b829192151590816101db575b506101bc575b50167fffffffffffffffffffffffffffffffffffffffffffffffff00000000000000006000541617600055600080f35b826101c6836125f4565b1660005260016020526040600020553861018c565b90501538610186565b600080fd5b346101e45760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101e4576020610225600435613787565b6040519015158152f35b346101e45760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101e457610266612479565b6024359081151582036101e45760209161027f91613700565b604051908152f35b346101e45760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101e45760043567ffffffffffffffff81116101e4576102807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc82360301126101e45760243567ffffffffffffffff81116101e4576102807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc82360301126101e4576020916102259160040190600401613443565b346101e45760007ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101e457602060405167ffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000168152f35b346101e45760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101e45760043567ffffffffffffffff81116101e457806004019060807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc82360301126101e457610425826125df565b9061051b60248201916104f460646104ec61043f866125df565b9660448501359767ffffffffffffffff604051918160208401947f6b3cc10cd805e7215b0232750e8727338d4e35d3620f297465411ea2711d152b86527f000000000000000000000000000000000000000000000000000000000000000060408601521660608401521660808201528860a082015260a081526104c360c0826124f0565b5190207f0000000000000000000000000000000000000000000000000000000000000000614355565b9201866133bf565b917f0000000000000000000000000000000000000000000000000000000000000000613e2d565b1561053d5761053561052f61053b946125df565b916125df565b90613f6e565b005b7f31be8a5a0000000000000000000000000000000000000000000000000000000060005260046000fd5b346101e45760007ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101e45760206040517f00000000000000000000000000000000000000000000000000000000000000008152f35b346101e45760007ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101e457600060806040516105ff816124a5565b828152826020820152826040820152826060820152015260005460ff8160481c166107545767ffffffffffffffff610637911661455c565b50811580918192610740575b50610716576106ec578060c091600052600260205264ffffffffff604060002067ffffffffffffffff60405191610679836124a5565b549165ffffffffffff8316815265ffffffffffff60208201818560301c168152816040840191818760601c168352816060860195878960901c16875289608082019960d01c1689526040519a8b52511660208a0152511660408801525116606086015251166080840152511660a0820152f35b7ffd65c9270000000000000000000000000000000000000000000000000000000060005260046000fd5b7f175290c10000000000000000000000000000000000000000000000000000000060005260046000fd5b67ffffffffffffffff915016151583610643565b7fa8cab3d10000000000000000000000000000000000000000000000000000000060005260046000fd5b346101e45760007ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101e457602060405173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000168152f35b346101e4577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360161028081126101e457610100136101e4576101207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffefc3601126101e4576102243567ffffffffffffffff81116101e457806004019060407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc82360301126101e45761024435916102643567ffffffffffffffff81116101e4576108bb903690600401612358565b6108c3612531565b9160408301938451610754576108e367ffffffffffffffff8551166143a1565b50901580918192611190575b5061071657156111665761090287613e94565b15611138576000906109387f00000000000000000000000000000000000000000000000000000000000000006101046004613a5e565b60e4359067ffffffffffffffff82168083141593846110dd57610e10420180421161110b576103e88102908082046103e8149015171561110b5782116110e05761098283806125ac565b90856110dd5761099282866148c4565b7f0000000000000000000000000000000000000000000000000000000000000000906109df837f000000000000000000000000000000000000000000000000000000000000000084614991565b90608084016109ee81866133bf565b151590506110425750908152600460205260ff6040822054161561101a5750610a1b6004610a3b9261383d565b809b610a336024610a2b8661381c565b9201876133bf565b929091613e2d565b15610ff05760200195610a4d876125df565b6004359b67ffffffffffffffff8d1698898e14159892896101e457610a75908e908c906142d1565b610fb0575090818d9493928d03610e02575b50505050506020610a9b82610aa1936125ac565b016125df565b926101e457610aaf88614a62565b9260243567ffffffffffffffff811681036101e457610acd90614a62565b926101e45760209888947f45d43b698a66e545f29a085409ea40710294fe8a062d6e307bd45dea4a1376b394610b0285614a62565b65ffffffffffff60405193610b16856124a5565b16835265ffffffffffff8d84019216825265ffffffffffff60408401911681526060830167ffffffffffffffff861681527fff0000000000ffffffffffffffffffffffffffffffffffffffffffffffffffff608085019264ffffffffff421684528a6000528f600290527fffffffffffff0000000000000000ffffffffffffffffffffffffffffffffffff65ffffffffffff60406000209751167fffffffffffffffffffffffffffff0000000000000000000000000000000000007effffffffff000000000000000000000000000000000000000000000000000079ffffffffffffffff00000000000000000000000000000000000071ffffffffffff0000000000000000000000006bffffffffffff0000000000008c549b5160301b16965160601b16975160901b16975160d01b1697161716171617171790556000805260018a528460406000205550610c896040519283928390929167ffffffffffffffff60209181604085019616845216910152565b0390a36001815260808101916000835271ffffffffffffffff000000000000000000007fffffffffffffffff00ffffffffffffffffffffffffffffffffffffffffffffff6060840192610ce667ffffffffffffffff8551166133a0565b9367ffffffffffffffff8516905267ffffffffffffffff80865116167fffffffffffffffffffffffffffffffffffffffffffffffff00000000000000006000541617600055610d718886015115157fffffffffffffffffffffffffffffffffffffffffffffff00ffffffffffffffff68ff000000000000000060005492151560401b16911617600055565b511515947fffffffffffffffffff0000000000000000000000000000ffffffffffffffffff69ff00000000000000000077ff000000000000000000000000000000000000000000000060a076ffffffffff000000000000000000000000000000000000600054955160901b16980151151560b81b169760481b16911617169160501b16171717600055604051908152f35b91939750919550806000526002602052604060002060405190610e24826124a5565b549665ffffffffffff8816808352602083019065ffffffffffff8a60301c16825264ffffffffff604085019a65ffffffffffff8160601c168c5267ffffffffffffffff8160901c16606087015260d01c16608085015260009a50808c1115610f7c57506024359067ffffffffffffffff8216908183036101e4575165ffffffffffff1691828210610f4b5750505065ffffffffffff600098511690818110610f1b5750506004610ee294939265ffffffffffff610104935116613c1d565b15610ef157888a808080610a87565b7fed359d8a0000000000000000000000000000000000000000000000000000000060005260046000fd5b7f99888a3f0000000000000000000000000000000000000000000000000000000060005260045260245260446000fd5b507fc71a40ac0000000000000000000000000000000000000000000000000000000060005260045260245260446000fd5b8f8c90507fa30ddf4c0000000000000000000000000000000000000000000000000000000060005260045260245260446000fd5b610fc267ffffffffffffffff916125df565b7f7bf564b6000000000000000000000000000000000000000000000000000000006000521660045260246000fd5b7fc1f31ec90000000000000000000000000000000000000000000000000000000060005260046000fd5b807f9ccd6d760000000000000000000000000000000000000000000000000000000060049252fd5b61104f61107791866133bf565b90847f0000000000000000000000000000000000000000000000000000000000000000613e2d565b1561101a57610a3b928282610a1b94600494528360205260ff604082205416156110a3575b505061383d565b6040918152836020522060017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff008254161790558f8061109c565b80fd5b6024917ff4c307eb000000000000000000000000000000000000000000000000000000008252600452fd5b6024827f4e487b710000000000000000000000000000000000000000000000000000000081526011600452fd5b867ffc697fa30000000000000000000000000000000000000000000000000000000060005260045260246000fd5b7facbcab2e0000000000000000000000000000000000000000000000000000000060005260046000fd5b67ffffffffffffffff9150161515896108ef565b346101e4576111c06111b536612389565b9591929093856132dc565b92602082016111ce816125df565b67ffffffffffffffff806111e561014086016125df565b1691161015611316576111fa61052f846125df565b61120760408501856133bf565b61121460608701876133bf565b929091600060018210801561130c575b6112e4576201000085116112e457509261126060209b98969361125261027f9b9997946112ca973691613cba565b8d8151910120923691613cba565b8b81519101209067ffffffffffffffff60405193818e8601967f6cae9d4c8ca76ef5fef26059a8529ac7b2d09b1582ea17e3747f891d7a6b57738852166040860152166060840152608083015260a082015260a081526112c160c0826124f0565b519020926125df565b916101e06112db6101c084016125df565b92013592613c8a565b807f07b6ad3f0000000000000000000000000000000000000000000000000000000060049252fd5b5060408211611224565b7fc623f9920000000000000000000000000000000000000000000000000000000060005260046000fd5b346101e45760007ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101e4576020604051621275008152f35b346101e45760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101e45767ffffffffffffffff6113bc612479565b1660005260036020526040600020805490600160ff83169101546040519160038110156114025760609367ffffffffffffffff91845260081c1660208301526040820152f35b7f4e487b7100000000000000000000000000000000000000000000000000000000600052602160045260246000fd5b346101e45760007ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101e457611468612531565b608081019064ffffffffff825116156116815764ffffffffff825116804210611654575060a08101908151151580611645575b611635575b71ffffffffffffffff000000000000000000007fffffffffffffffff00ffffffffffffffffffffffffffffffffffffffffffffff6040830160008152600086526115aa6020606086019561152467ffffffffffffffff885116807f5185abe777fdaa9602b72baa1287b33ad949548d34bfff0ec7ce27c56e8997da600080a26133a0565b9667ffffffffffffffff8816905267ffffffffffffffff80825116167fffffffffffffffffffffffffffffffffffffffffffffffff00000000000000006000541617600055015115157fffffffffffffffffffffffffffffffffffffffffffffff00ffffffffffffffff68ff000000000000000060005492151560401b16911617600055565b511515947fffffffffffffffffff0000000000000000000000000000ffffffffffffffffff69ff00000000000000000077ff000000000000000000000000000000000000000000000076ffffffffff000000000000000000000000000000000000600054945160901b169751151560b81b169760481b16911617169160501b16171717600055600080f35b60006020820152600081526114a0565b5061164f81613dec565b61149b565b7ff5bd76020000000000000000000000000000000000000000000000000000000060005260045260246000fd5b7fd559bf4a0000000000000000000000000000000000000000000000000000000060005260046000fd5b346101e4577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36016102c081126101e457610220136101e4576102243567ffffffffffffffff81116101e457611705903690600401612358565b90610244359160028310156101e4576102643567ffffffffffffffff81116101e45761173590369060040161244b565b92906102843567ffffffffffffffff81116101e45761175890369060040161244b565b90946102a43567ffffffffffffffff81116101e45761178961178161178f923690600401612358565b9790966131b9565b97613c9f565b92600182108015611845575b61181b5762100000831161181b576117e1966117bf6117ce926117db943691613cba565b60208151910120933691613cba565b6020815191012082614e49565b91614d20565b156117f157602090604051908152f35b7f66fdade60000000000000000000000000000000000000000000000000000000060005260046000fd5b7f07b6ad3f0000000000000000000000000000000000000000000000000000000060005260046000fd5b50610400821161179b565b346101e4577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360161028081126101e457610220136101e4576102243567ffffffffffffffff81116101e4576118aa903690600401612358565b610244359067ffffffffffffffff82116101e45781600401906101407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc84360301126101e4576102643567ffffffffffffffff81116101e45761191461191c913690600401612358565b9290956131b9565b926024810190604061192e83866133bf565b90501161181b57606481019061194482866133bf565b6001811091508115611b35575b5061181b5760e48101916201000061196984886133bf565b90501161181b5761197a84876133bf565b6044840192915067ffffffffffffffff611993846125df565b161590150361181b5760c4830190600160ff6119ae84613e86565b161161181b57611a98611a8b6119f5611b0d9867ffffffffffffffff96878d8a82611a1d60a4611a0f6119f5849d611a096119fc6119f56119ee8b6125df565b9d8b6133bf565b3691613cba565b602081519101209a6125df565b976133bf565b6020815191012093016125df565b92604051958260208801987ff058061d5b06ee3057bab7f86fe088cd0226162bee7f02318b40ae34de7bf6828a52166040880152606087015216608085015260a084015260848b013560c08401521660e082015260e08152611a81610100826124f0565b519020978b6133bf565b6020815191012092613e86565b93611ab3610124611aac61010484016125df565b92016125df565b9260ff6040519660208801987f8b2176f30050a1566876a559e8c1782063322bb668dadc78734f25795dee7c928a52604089015216606087015260808601521660a08401521660c082015260c081526112c160e0826124f0565b93610144359467ffffffffffffffff861686036101e45760209561027f946101643592613c8a565b604091501188611951565b346101e45760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101e4576004358015158082036101e45760243567ffffffffffffffff81116101e457611b9c90369060040161244b565b90611ba5612531565b90604082019283511580611e25575b611dfb57611bfb91611bd5606085019767ffffffffffffffff895116613700565b7f0000000000000000000000000000000000000000000000000000000000000000613e2d565b1561053d57608081019364ffffffffff85511680611dce575062127500420193844211611d9f5784604094611cd7602067ffffffffffffffff9664ffffffffff7ff0a391ee7f8c5d956180732b912d3c1c680e40adb455dee489668d09edd3d5ec9a16809b528560a08201528780825116167fffffffffffffffffffffffffffffffffffffffffffffffff00000000000000006000541617600055015115157fffffffffffffffffffffffffffffffffffffffffffffff00ffffffffffffffff68ff000000000000000060005492151560401b16911617600055565b5115159076ffffffffff0000000000000000000000000000000000007fffffffffffffffff00ffffffffffffffffffffffffffffffffffffffffffffff6000549551957fffffffffffffffffff0000000000000000000000000000ffffffffffffffffff69ff00000000000000000077ff00000000000000000000000000000000000000000000008860b81b169660481b169116171671ffffffffffffffff000000000000000000008660501b16179160901b161717600055835195865260208601521692a2005b7f4e487b7100000000000000000000000000000000000000000000000000000000600052601160045260246000fd5b7fcf3f617e0000000000000000000000000000000000000000000000000000000060005260045260246000fd5b7f8208cbe50000000000000000000000000000000000000000000000000000000060005260046000fd5b508580611e33575b15611bb4565b50611e3d83613dec565b611e2d565b346101e45760007ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101e4576020604051610e108152f35b346101e4577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36016102c081126101e457610220136101e4576102243567ffffffffffffffff81116101e457611ed7903690600401612358565b610244359160028310156101e4576102643567ffffffffffffffff81116101e457611f0690369060040161244b565b6102849491943567ffffffffffffffff81116101e457611f2a903690600401612358565b916102a4359667ffffffffffffffff88116101e457366023890112156101e45787600401359567ffffffffffffffff87116101e4573660248860061b8b0101116101e4576024611f806117e199611f88936131b9565b990195613c9f565b613d1f565b346101e45760007ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101e45760c060005460ff6040519167ffffffffffffffff81168352818160401c1615156020840152818160481c161515604084015267ffffffffffffffff8160501c16606084015264ffffffffff8160901c16608084015260b81c16151560a0820152f35b346101e45761202f6111b536612389565b926020820161203d816125df565b67ffffffffffffffff8061205461014086016125df565b16911610156113165761206961052f846125df565b61207660408501856133bf565b61208360608701876133bf565b9290916000600182108015612133575b6112e4576201000085116112e45750926120c160209b98969361125261027f9b999794612122973691613cba565b8b81519101209067ffffffffffffffff60405193818e8601967fd3c45b07f03bd755a01f368eec92c8fd962f64b4b6ad9010ff94e9465e9f6d7c8852166040860152166060840152608083015260a082015260a081526112c160c0826124f0565b916101a06112db61018084016125df565b5060408211612093565b346101e45760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101e4576004356000526004602052602060ff604060002054166040519015158152f35b346101e4577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360161024081126101e457610220136101e4576102243567ffffffffffffffff81116101e45761027f6121eb6020923690600401612358565b906131b9565b346101e4577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360161026081126101e457610100136101e4576101207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffefc3601126101e4576102243567ffffffffffffffff81116101e45760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc82360301126101e4576102443567ffffffffffffffff81116101e4576020916122bb61027f923690600401612358565b916004016126c7565b346101e45760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101e45760a090600435600052600260205264ffffffffff60406000205465ffffffffffff8116835265ffffffffffff8160301c16602084015265ffffffffffff8160601c16604084015267ffffffffffffffff8160901c16606084015260d01c166080820152f35b9181601f840112156101e45782359167ffffffffffffffff83116101e4576020808501948460051b0101116101e457565b7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc810161028081126101e457610220136101e4576004916102243567ffffffffffffffff81116101e457826123e091600401612358565b929092916102443567ffffffffffffffff81116101e45760807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc82850301126101e45760040191610264359067ffffffffffffffff82116101e45761244791600401612358565b9091565b9181601f840112156101e45782359167ffffffffffffffff83116101e457602083818601950101116101e457565b6004359067ffffffffffffffff821682036101e457565b359067ffffffffffffffff821682036101e457565b60a0810190811067ffffffffffffffff8211176124c157604052565b7f4e487b7100000000000000000000000000000000000000000000000000000000600052604160045260246000fd5b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff8211176124c157604052565b6040519060c0820182811067ffffffffffffffff8211176124c1576040528160a060ff60005467ffffffffffffffff81168452818160401c1615156020850152818160481c161515604085015267ffffffffffffffff8160501c16606085015264ffffffffff8160901c16608085015260b81c161515910152565b9035907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff61813603018212156101e4570190565b3567ffffffffffffffff811681036101e45790565b67ffffffffffffffff7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff9116019067ffffffffffffffff8211611d9f57565b67ffffffffffffffff7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe9116019067ffffffffffffffff8211611d9f57565b67ffffffffffffffff168015611d9f577fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff0190565b67ffffffffffffffff60019116019067ffffffffffffffff8211611d9f57565b9291906126d2612531565b9060408201516107545760009061270d7f00000000000000000000000000000000000000000000000000000000000000006101046004613a5e565b60e4359067ffffffffffffffff821682036130f957610e1042018042116130cc576103e88102908082046103e814901517156130cc5767ffffffffffffffff8316116130815761275d87806125ac565b9267ffffffffffffffff831683036110dd5761277984846148c4565b7f0000000000000000000000000000000000000000000000000000000000000000906127c6857f000000000000000000000000000000000000000000000000000000000000000084614991565b90608086016127d581886133bf565b151590506130125750908152600460205260ff6040822054161561101a575060046127ff9161383d565b9261281a8461280d8361381c565b610a3360208c018c6133bf565b15610ff0576020019061282c826125df565b916004359267ffffffffffffffff841684036101e457856128589167ffffffffffffffff8616906142d1565b610fb0575061286d6020610a9b869a806125ac565b93602086015115612db9575061288d67ffffffffffffffff8651166143a1565b9790918015918280612da6575b6107165783926106ec578b8214612d9a57816000526002602052604060002094604051956128c7876124a5565b549565ffffffffffff871696878252602082019765ffffffffffff8260301c16895264ffffffffff604084019265ffffffffffff8160601c16845267ffffffffffffffff8160901c16606086015260d01c16608084015267ffffffffffffffff8a168a036101e4578067ffffffffffffffff8b161115612d4b57506024359767ffffffffffffffff891689036101e45765ffffffffffff9051168067ffffffffffffffff8a1610612cfc575067ffffffffffffffff8a168a036101e45765ffffffffffff9051168067ffffffffffffffff8b1610612cad57509061010460048565ffffffffffff6129ba96955116613c1d565b15610ef15780600052600260205267ffffffffffffffff60406000205460901c169867ffffffffffffffff8816809a14600014612c73575050506129fd90612672565b955b67ffffffffffffffff831683036101e457612a1983614a62565b9167ffffffffffffffff811681036101e457612a3490614a62565b9067ffffffffffffffff851685036101e457612a4f85614a62565b9065ffffffffffff60405194612a64866124a5565b16845265ffffffffffff602085019316835265ffffffffffff6040850192168252606084019081527fff0000000000ffffffffffffffffffffffffffffffffffffffffffffffffffff608085019264ffffffffff421684528c60005260026020527fffffffffffff0000000000000000ffffffffffffffffffffffffffffffffffff65ffffffffffff60406000209751167fffffffffffffffffffffffffffff0000000000000000000000000000000000007effffffffff000000000000000000000000000000000000000000000000000079ffffffffffffffff00000000000000000000000000000000000071ffffffffffff0000000000000000000000006bffffffffffff0000000000008c549b5160301b16965160601b16975160901b16975160d01b16971617161716171717905567ffffffffffffffff851660005260016020528660406000205567ffffffffffffffff811681036101e45767ffffffffffffffff821682036101e4576040805167ffffffffffffffff9485168152928416602084015292169186917f45d43b698a66e545f29a085409ea40710294fe8a062d6e307bd45dea4a1376b39190a367ffffffffffffffff80612c28846126a7565b925116911603612c355750565b612c4767ffffffffffffffff916126a7565b167fffffffffffffffffffffffffffffffffffffffffffffffff00000000000000006000541617600055565b989290919815612c85575b50506129ff565b612c9767ffffffffffffffff916125f4565b1660005260016020526040600020553880612c7e565b8967ffffffffffffffff811681036101e4578067ffffffffffffffff91507f99888a3f000000000000000000000000000000000000000000000000000000006000521660045260245260446000fd5b8867ffffffffffffffff811681036101e4578067ffffffffffffffff91507fc71a40ac000000000000000000000000000000000000000000000000000000006000521660045260245260446000fd5b8967ffffffffffffffff811681036101e4578067ffffffffffffffff91507fa30ddf4c000000000000000000000000000000000000000000000000000000006000521660045260245260446000fd5b50505050505050505050565b5067ffffffffffffffff8416151561289a565b969750509193909250610ef15767ffffffffffffffff811681036101e457612de081614a62565b60243567ffffffffffffffff811681036101e457612dfd90614a62565b67ffffffffffffffff841684036101e457612e1784614a62565b65ffffffffffff60405193612e2b856124a5565b16835265ffffffffffff602084019216825265ffffffffffff60408401911681526060830167ffffffffffffffff871681527fff0000000000ffffffffffffffffffffffffffffffffffffffffffffffffffff608085019264ffffffffff421684528960005260026020527fffffffffffff0000000000000000ffffffffffffffffffffffffffffffffffff65ffffffffffff60406000209751167fffffffffffffffffffffffffffff0000000000000000000000000000000000007effffffffff000000000000000000000000000000000000000000000000000079ffffffffffffffff00000000000000000000000000000000000071ffffffffffff0000000000000000000000006bffffffffffff0000000000008c549b5160301b16965160601b16975160901b16975160d01b1697161716171617171790556000805260016020528360406000205567ffffffffffffffff811681036101e45767ffffffffffffffff821682036101e4576040805167ffffffffffffffff9485168152928416602084015292169183917f45d43b698a66e545f29a085409ea40710294fe8a062d6e307bd45dea4a1376b39190a3680100000000000000017fffffffffffffffffffffffffffffffffffffffffffffff000000000000000000600054161760005590565b61104f61301f91886133bf565b1561101a579181836004936127ff95528360205260ff6040822054161561304757505061383d565b6040918152836020522060017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00825416179055388061109c565b5067ffffffffffffffff811681036130c8577ff4c307eb00000000000000000000000000000000000000000000000000000000825267ffffffffffffffff16600452602490fd5b5080fd5b6024847f4e487b710000000000000000000000000000000000000000000000000000000081526011600452fd5b8280fd5b9015613136578035907ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffdc1813603018212156101e4570190565b7f4e487b7100000000000000000000000000000000000000000000000000000000600052603260045260246000fd5b9035907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe1813603018212156101e4570180359067ffffffffffffffff82116101e457602001918160051b360383136101e457565b9060ff60005460481c16610754577f0000000000000000000000000000000000000000000000000000000000000000906131f460048361383d565b81156132c7576001821161181b576132307f00000000000000000000000000000000000000000000000000000000000000006101046004613a5e565b61323a82856130fd565b93610100850161324a8187613908565b6004359167ffffffffffffffff831683036101e45761327b6132706132839689936130fd565b610220810190613165565b949093613c1d565b1561329d5761329a916132959161383d565b613a08565b90565b7f62fec2f30000000000000000000000000000000000000000000000000000000060005260046000fd5b91505061329a91506132956101046004613908565b9160ff60005460481c16610754577f000000000000000000000000000000000000000000000000000000000000000091613316848461383d565b90821561338a576001831161181b57613270946132839361335c7f0000000000000000000000000000000000000000000000000000000000000000610100840184613a5e565b61327b61336982856130fd565b97889261338461010085019561337f8787613908565b6125df565b956130fd565b509150506132958261010061329a940190613908565b67ffffffffffffffff1667ffffffffffffffff8114611d9f5760010190565b9035907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe1813603018212156101e4570180359067ffffffffffffffff82116101e4576020019181360383136101e457565b9035907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc1813603018212156101e4570190565b919061344e836140df565b613457826140df565b9361346485848484614214565b9190156136d6576134a6838267ffffffffffffffff61349f6134996020610a9b6134936101008f9a0187613410565b806125ac565b926125df565b16906142d1565b93841561367d575b5050606067ffffffffffffffff7fb42a15ad57e874395d991737d039f73ed0a998125ae93fc26ecd49fdf333f388928597604051958652602086015285151560408601521692a261367757613501612531565b60408101906001825260808101916000835271ffffffffffffffff000000000000000000007fffffffffffffffff00ffffffffffffffffffffffffffffffffffffffffffffff606084019261356067ffffffffffffffff8551166133a0565b9367ffffffffffffffff8516905267ffffffffffffffff80865116167fffffffffffffffffffffffffffffffffffffffffffffffff000000000000000060005416176000556135ec602086015115157fffffffffffffffffffffffffffffffffffffffffffffff00ffffffffffffffff68ff000000000000000060005492151560401b16911617600055565b511515947fffffffffffffffffff0000000000000000000000000000ffffffffffffffffff69ff00000000000000000077ff000000000000000000000000000000000000000000000060a076ffffffffff000000000000000000000000000000000000600054955160901b16980151151560b81b169760481b16911617169160501b16171717600055565b60019150565b7fb42a15ad57e874395d991737d039f73ed0a998125ae93fc26ecd49fdf333f3889294506136cb6060928267ffffffffffffffff61349f6134996020610a9b613493610100869a0187613410565b9492508691506134ae565b7fae591c870000000000000000000000000000000000000000000000000000000060005260046000fd5b61329a916040519067ffffffffffffffff60208301937f177aa0766d9850f6f8ead8743f9db003058431fe2b37f8203bb5534073887f2385527f000000000000000000000000000000000000000000000000000000000000000060408501524660608501523060808501521660a0830152151560c082015260c081526104c360e0826124f0565b806000526002602052604060002090604051916137a3836124a5565b5491608065ffffffffffff84169182815265ffffffffffff8560301c16602082015265ffffffffffff8560601c16604082015264ffffffffff67ffffffffffffffff8660901c169586606084015260d01c16918291015215159283613809575b50505090565b61381393506142d1565b15388080613803565b3573ffffffffffffffffffffffffffffffffffffffff811681036101e45790565b61329a9160405167ffffffffffffffff6138e760e060208401947f3e150213a83f84f6557b802ae78388a644653fae255ad47031d0b10200416b4f86528361388482612490565b1660408601528361389760208301612490565b16606086015260408101356080860152606081013560a0860152608081013560c0860152836138c860a08301612490565b1682860152836138da60c08301612490565b1661010086015201612490565b1661012082015261012081526138ff610140826124f0565b51902090614355565b9060809060405161010060208201927f80c19b12fcec8a3d49dbdbfa74b7197594a6cc817b17b4229c5623f0217dc85f8452803560408401526020810135606084015267ffffffffffffffff61396060408301612490565b1685840152606081013560a084015267ffffffffffffffff613983868301612490565b1660c084015260a081013560e084015267ffffffffffffffff6139a860c08301612490565b168284015260e0810135610120840152013561014082015261014081526139d1610160826124f0565b519020910135036139de57565b7fb6b506bb0000000000000000000000000000000000000000000000000000000060005260046000fd5b613a1181613787565b15613a3157600052600260205264ffffffffff60406000205460d01c1690565b7f853577160000000000000000000000000000000000000000000000000000000060005260045260246000fd5b90613a698183613908565b67ffffffffffffffff613a7b836125df565b169067ffffffffffffffff613a9260a085016125df565b1691613aa0604083016125df565b9260c085019367ffffffffffffffff613ab8866125df565b1690828201809211611d9f5767ffffffffffffffff1603613b6157602085019167ffffffffffffffff613aea846125df565b1615613b6157158015916040870135158203613b61578290159182613be1575b5050613b6157613bda5767ffffffffffffffff613b286001926125df565b161491821592613bbb575b508115613b8b575b50613b615767ffffffffffffffff613b5660e08293016125df565b9216911610613b6157565b7f96e017970000000000000000000000000000000000000000000000000000000060005260046000fd5b7fc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a47091506101000135141538613b3b565b67ffffffffffffffff919250613bd0906125df565b1615159038613b33565b5050505050565b9150613bef575b8138613b0a565b507fc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a47060608601351415613be8565b9293613c3d92959194610100613c32886125df565b910135908686614abe565b15613c825767ffffffffffffffff1660018101809111611d9f5767ffffffffffffffff613c69846125df565b161491821592613c7857505090565b6040013514919050565b505050600090565b90613c989594939291614abe565b1561131657565b600281101561140257613cb3576101043590565b6101243590565b92919267ffffffffffffffff82116124c15760405191613d0260207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f84011601846124f0565b8294818452818301116101e4578281602093846000960137010152565b929394959190600182108015613de1575b61181b576001831161181b57613d47913691613cba565b602081519101209015613dd657600094803590828214613d855761010086118015613d8e575b613d85579060206117db9261329a9850013590614e49565b50505050505090565b5085610100036101008111613da957838318901c1515613d6d565b6024887f4e487b710000000000000000000000000000000000000000000000000000000081526011600452fd5b9061329a9450614bf8565b506104008211613d30565b602081015115613e275767ffffffffffffffff613e0a9151166143a1565b5090159081613e17575090565b67ffffffffffffffff9150161590565b50600090565b73ffffffffffffffffffffffffffffffffffffffff9093919316908115159283613e5a575b505050905090565b73ffffffffffffffffffffffffffffffffffffffff9350613e7b9294614e8f565b161480388080613e52565b3560ff811681036101e45790565b806000526002602052604060002060405190613eaf826124a5565b5465ffffffffffff8116825265ffffffffffff8160301c16602083015265ffffffffffff8160601c16604083015264ffffffffff67ffffffffffffffff8260901c169182606085015260d01c1680608084015215613c8257600052600360205265ffffffffffff60406000209151169160018301809311611d9f5767ffffffffffffffff825460081c16808410938415613f4b575b5050505090565b1492509082613f60575b505038808080613f44565b600101541490503880613f55565b67ffffffffffffffff1690816000526003602052604060002091604051907f26eb3f5724a0a4c757c1e8acf355064a05bc2648f36a42d1a116a3b87ab4b910604067ffffffffffffffff851693848152876020820152a260ff8354166003811015611402571561409d578067ffffffffffffffff845460081c161480614090575b61408a5782547fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff001660021780845560081c67ffffffffffffffff16908181101561407357505081547fffffffffffffffffffffffffffffffffffffffffffffff0000000000000000ff1660089190911b68ffffffffffffffff001617815560010155565b915091925014614081575b50565b60016000910155565b50505050565b5083600184015414613fef565b5081547fffffffffffffffffffffffffffffffffffffffffffffff0000000000000000001660089190911b68ffffffffffffffff001617600190811782550155565b906101008201916140f36134938483613410565b6141088161410360e085016125df565b6148c4565b7f000000000000000000000000000000000000000000000000000000000000000090614165614158827f000000000000000000000000000000000000000000000000000000000000000085614991565b6104f460808401846133bf565b156141aa5761418994610a336141906141818661419a9661383d565b97889461381c565b9286613410565b60208101906133bf565b15610ff0576141a890614eca565b565b7f9ccd6d760000000000000000000000000000000000000000000000000000000060005260046000fd5b3580151581036101e45790565b9035907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa1813603018212156101e4570190565b9392919061422d8383614226886125df565b9384614f28565b6142c75767ffffffffffffffff81161515806142a8575b614295575061425661012085016141d4565b15614289579061428591602061427d610260870161427761337f828a6141e1565b976141e1565b013585614f28565b9190565b50509050600090600090565b9150506142a39192506125f4565b600191565b506142c283836142b7846125f4565b604089013590614f28565b614244565b9350505060019190565b67ffffffffffffffff90929192166000526003602052604060002080549260ff8416600381101561140257801561434b57600214938415614325575b5050821561431a57505090565b600101541415919050565b9091935060018201809211611d9f5760081c67ffffffffffffffff16141591388061430d565b5050505050600090565b906040519060208201927f19010000000000000000000000000000000000000000000000000000000000008452602283015260428201526042815261439b6062826124f0565b51902090565b906000908160105b67ffffffffffffffff8516151580614553575b1561454c578015611d9f577fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff019067ffffffffffffffff6143fc866125f4565b1660005260016020526040600020549182600052600260205267ffffffffffffffff60406000205460901c1694856000526003602052604060002060ff81541690600382101561140257811561453d5760026000921461452c57600101549661446488613787565b15908115614508575b506144f857600167ffffffffffffffff89161190816144ae575b50614496575050508293921490565b9250929350936144a590612672565b939092916143a9565b9050868152600260205265ffffffffffff60408181842054169267ffffffffffffffff6144da8c612633565b16815260016020528181205481526002602052205416101538614487565b509250929350936144a590612672565b9050878252600260205267ffffffffffffffff604083205460901c1614153861446d565b50509250929350936144a590612672565b50505050509091509190600190565b5090929192565b508015156143bc565b90600090817fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff5b67ffffffffffffffff8516151580614717575b1561454c578015611d9f577fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff019067ffffffffffffffff6145d6866125f4565b1660005260016020526040600020549182600052600260205267ffffffffffffffff60406000205460901c1694856000526003602052604060002060ff81541690600382101561140257811561453d5760026000921461470657600101549661463e88613787565b159081156146e2575b506146d257600167ffffffffffffffff8916119081614688575b50614670575050508293921490565b92509293509361467f90612672565b93909291614583565b9050868152600260205265ffffffffffff60408181842054169267ffffffffffffffff6146b48c612633565b16815260016020528181205481526002602052205416101538614661565b5092509293509361467f90612672565b9050878252600260205267ffffffffffffffff604083205460901c16141538614647565b505092509293509361467f90612672565b50801515614596565b9160009182905b67ffffffffffffffff85161515806148bb575b1561454c578015611d9f577fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff019067ffffffffffffffff61477a866125f4565b1660005260016020526040600020549182600052600260205267ffffffffffffffff60406000205460901c1694856000526003602052604060002060ff81541690600382101561140257811561453d576002600092146148aa5760010154966147e288613787565b15908115614886575b5061487657600167ffffffffffffffff891611908161482c575b50614814575050508293921490565b92509293509361482390612672565b93909291614727565b9050868152600260205265ffffffffffff60408181842054169267ffffffffffffffff6148588c612633565b16815260016020528181205481526002602052205416101538614805565b5092509293509361482390612672565b9050878252600260205267ffffffffffffffff604083205460901c161415386147eb565b505092509293509361482390612672565b5080151561473a565b906040810167ffffffffffffffff806148dc836125df565b16931692831061494c575060600167ffffffffffffffff6148fc826125df565b168211614907575050565b9061491a67ffffffffffffffff926125df565b907ff1311a00000000000000000000000000000000000000000000000000000000006000526004521660245260446000fd5b8261495f67ffffffffffffffff926125df565b907fdb8018c8000000000000000000000000000000000000000000000000000000006000526004521660245260446000fd5b9073ffffffffffffffffffffffffffffffffffffffff6149b08461381c565b161561181b578267ffffffffffffffff6149cc61329a9561381c565b91816149da602083016125df565b91816149f460606149ed604085016125df565b93016125df565b9373ffffffffffffffffffffffffffffffffffffffff6040519760208901997fdea519632860f4f4d80f7466517b850e1bb40b0ee37ebec9dd04f402089382878b5260408a01521660608801521660808601521660a08401521660c082015260c081526138ff60e0826124f0565b65ffffffffffff67ffffffffffffffff821611614a845765ffffffffffff1690565b7f7db3aba70000000000000000000000000000000000000000000000000000000060005260046000fd5b91908110156131365760051b0190565b9293909267ffffffffffffffff928316921682811015614bed57917fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff8101908111611d9f5791909192600080536001526021600020946000925b818410614b355750505050159182614b2f57505090565b14919050565b90929693958695929515614be0576001808716148015614bd7575b15614bb157614b6e90614b688986859a99979a614aae565b35615025565b925b600181161580614ba8575b15614b8d5760011c9460011c94614b70565b6001909794979691929593965b811c93811c94019291614b18565b50801515614b7b565b614bd1600191614bca8a8786979a9b98969c999c614aae565b3590615025565b96614b9a565b50868614614b50565b5050505092505050600090565b505050505050600090565b927f5350415253455f4d45524b4c455f504c414345484f4c4445525f484153485f5f9291610100821161181b57811580158181614d10575b50614bed5715614cf957509060005b916000905b808210614c5357505050501490565b90919293600190614c65848487614aae565b358683168303614cb85790614cac91605091604051917f4a4d543a3a496e74726e616c4e6f6465000000000000000000000000000000008352601083015260308201522090565b94811c93920190614c44565b614cf491605091604051917f4a4d543a3a496e74726e616c4e6f6465000000000000000000000000000000008352601083015260308201522090565b614cac565b81610100036101008111611d9f571c919091614c3f565b9050613136578484351481614c30565b9390929192610100821161181b57811580158181614e19575b50614bed5715614e0257509060005b916000905b808210614d5c57505050501490565b90919293600190614d6e848487614aae565b358683168303614dc15790614db591605091604051917f4a4d543a3a496e74726e616c4e6f6465000000000000000000000000000000008352601083015260308201522090565b94811c93920190614d4d565b614dfd91605091604051917f4a4d543a3a496e74726e616c4e6f6465000000000000000000000000000000008352601083015260308201522090565b614db5565b81610100036101008111611d9f571c919091614d48565b9050613136577f5350415253455f4d45524b4c455f504c414345484f4c4445525f484153485f5f84351481614d39565b906040519060208201927f4a4d543a3a4c6561664e6f6465000000000000000000000000000000000000008452602d830152604d820152604d815261439b606d826124f0565b909160418103613c8257806020116101e4578235816040116101e4576020840135916040101561313657604061329a94013560f81c9261503e565b614ed761012082016141d4565b1561407e57602081610140614f219301614ef18183613908565b614eff6102608301836141e1565b91614f09836125df565b614f166040850185613165565b959094013590613c1d565b1561329d57565b91909167ffffffffffffffff80614f3e846125df565b1691169383858314918261501a575b5050615011578015159081614fde575b5080614fd0575b614fc857614f7561012082016141d4565b9283614fa2575b5082614f8757505090565b602091925080610260614f9b9201906141e1565b0135141590565b90925067ffffffffffffffff614fbf61337f6102608601866141e1565b16149138614f7c565b505050600190565b508160408201351415614f64565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff810191508111611d9f57831438614f5d565b50505050600190565b141590508338614f4d565b6041916040519160018353600183015260218201522090565b929091927f7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0841180156150b7575b6150ae5760209360009360ff60809460405194855216868401526040830152606082015282805260015afa156150a25760005190565b6040513d6000823e3d90fd5b50505050600090565b5060ff8216601b81141590816150ce575b5061506c565b601c91501415386150c856' as const
