/** The interface and the bytecode of CairnVault.sol. By `npm run contracts`. */

/** The interface of the contract CairnVault, as viem takes it. */
export const cairnVaultAbi = [
  {
    "inputs": [
      {
        "internalType": "contract CairnLightClient",
        "name": "client_",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "finalityDelay_",
        "type": "uint256"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "constructor"
  },
  {
    "inputs": [],
    "name": "ForAnotherVault",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "NoClient",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "NotAWithdrawal",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "payableAt",
        "type": "uint256"
      }
    ],
    "name": "NotFinal",
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
    "name": "PaidAlready",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "PaymentFailed",
    "type": "error"
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
        "indexed": true,
        "internalType": "address",
        "name": "to",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "address",
        "name": "asset",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "Paid",
    "type": "event"
  },
  {
    "inputs": [],
    "name": "client",
    "outputs": [
      {
        "internalType": "contract CairnLightClient",
        "name": "",
        "type": "address"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "finalityDelay",
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
        "internalType": "uint64",
        "name": "index",
        "type": "uint64"
      }
    ],
    "name": "isPaid",
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
    "name": "withdraw",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "stateMutability": "payable",
    "type": "receive"
  }
] as const

/** The code that deploys the contract CairnVault. */
export const cairnVaultBytecode = '0x60c0346100a157601f610e2a38819003918201601f19168301916001600160401b038311848410176100a65780849260409485528339810103126100a15780516001600160a01b038116918282036100a15760200151913b156100905760805260a052604051610d6d90816100bd82396080518181816104780152610b6f015260a05181818160f201526104ac0152f35b63b027b8c560e01b60005260046000fd5b600080fd5b634e487b7160e01b600052604160045260246000fdfe608080604052600436101561001d575b50361561001b57600080fd5b005b60003560e01c908163109e94cf14610b265750806325be0835146101155780635ea4d95f146100bc5763e3be901214610056573861000f565b346100b75760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126100b75760043567ffffffffffffffff81168091036100b7576000526000602052602060ff604060002054166040519015158152f35b600080fd5b346100b75760007ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126100b75760206040517f00000000000000000000000000000000000000000000000000000000000000008152f35b346100b7577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360161028081126100b757610220136100b7576102243567ffffffffffffffff81116100b75761016f903690600401610b93565b610244359067ffffffffffffffff82116100b757816004019160807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc82360301126100b7576102643567ffffffffffffffff81116100b7576101d5903690600401610b93565b919094604051937f7fd640b6000000000000000000000000000000000000000000000000000000008552610284850160043567ffffffffffffffff81168091036100b757600487015260243567ffffffffffffffff81168091036100b757602487015260443560448701526064356064870152608435608487015260a43567ffffffffffffffff81168091036100b75760a487015260c43567ffffffffffffffff81168091036100b75760c487015260e43567ffffffffffffffff81168091036100b75760e487015261010435610104870152610124356101248701526101443567ffffffffffffffff81168091036100b757610144870152610164356101648701526101843567ffffffffffffffff81168091036100b7576101848701526101a4356101a48701526101c4359067ffffffffffffffff82168092036100b757829392916101c48801526101e4356101e488015261020435610204880152610280610224880152526102a48501916102a48160051b87010192826000907ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffdc1813603015b8483106109305750505050868080886020818061045f8f8d61042e8e8e7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc8782030161024488015267ffffffffffffffff6103d28c610bc4565b16815267ffffffffffffffff6103ea60248401610bc4565b16898201526104206064610417610406604486019e8f90610c57565b608060408701526080860191610ca7565b9301809d610c57565b916060818503910152610ca7565b917ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc85840301610264860152610c1a565b038173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000165afa908115610924576000916108f2575b507f000000000000000000000000000000000000000000000000000000000000000081018091116108c35780421061089657506104e69083610ce6565b67ffffffffffffffff81116108675760405161052a60207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f8501160182610bd9565b818152602081019136818501116100b7576020816000927f855511cc3694f64379908437d6d64458dc76d02482052bfb8a5b33a72c054c779686378301015251902014801590610851575b6108275761058560a09183610ce6565b90809291810103126100b75761059d60208201610d37565b6105a960408301610d37565b926105b660608401610d37565b9173ffffffffffffffffffffffffffffffffffffffff80608086013596169316934690351490811591610806575b506107dc5767ffffffffffffffff6105fb82610d58565b16600052600060205260ff6040600020541661079c5767ffffffffffffffff61066582826106298795610d58565b166000526000602052604060002060017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00825416179055610d58565b167fdae7d3ab6301793a9b165a62cb89399cb394b17f14e5ff691582ef785c436bf7604051806106b98887836020909392919373ffffffffffffffffffffffffffffffffffffffff60408201951681520152565b0390a3806106fd5750600080809381935af15b156106d357005b7ff499da200000000000000000000000000000000000000000000000000000000060005260046000fd5b6040517fa9059cbb00000000000000000000000000000000000000000000000000000000602080830191825273ffffffffffffffffffffffffffffffffffffffff9490941660248301526044808301959095529381529092600091610763606482610bd9565b828052519082855af19081610779575b506106cc565b90503d156107945750600160005114601f3d11165b81610773565b3b151561078e565b6107ae67ffffffffffffffff91610d58565b7f39c1b375000000000000000000000000000000000000000000000000000000006000521660045260246000fd5b7f6011ee4e0000000000000000000000000000000000000000000000000000000060005260046000fd5b73ffffffffffffffffffffffffffffffffffffffff163014159050856105e4565b7f9ef966010000000000000000000000000000000000000000000000000000000060005260046000fd5b5060a061085e8284610ce6565b90501415610575565b7f4e487b7100000000000000000000000000000000000000000000000000000000600052604160045260246000fd5b7f448019090000000000000000000000000000000000000000000000000000000060005260045260246000fd5b7f4e487b7100000000000000000000000000000000000000000000000000000000600052601160045260246000fd5b90506020813d60201161091c575b8161090d60209383610bd9565b810103126100b75751846104a9565b3d9150610900565b6040513d6000823e3d90fd5b9091929394957ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffd5c8a82030185528635828112156100b757830167ffffffffffffffff61097b82610bc4565b16825267ffffffffffffffff61099360208301610bc4565b16602083015260408101356040830152606081013560608301526080810135608083015267ffffffffffffffff6109cc60a08301610bc4565b1660a083015267ffffffffffffffff6109e760c08301610bc4565b1660c083015267ffffffffffffffff610a0260e08301610bc4565b1660e083015261010081013561010083015261012081013561012083015267ffffffffffffffff610a366101408301610bc4565b1661014083015261016081013561016083015267ffffffffffffffff610a5f6101808301610bc4565b166101808301526101a08101356101a083015267ffffffffffffffff610a886101c08301610bc4565b166101c08301526101e08101356101e08301526102008101356102008301526102208101357fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe1823603018112156100b757016020813591019067ffffffffffffffff81116100b7578060051b360382136100b757610b186020928392610240868161022060019901520191610c1a565b980196950193019190610378565b346100b75760007ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126100b75760209073ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000168152f35b9181601f840112156100b75782359167ffffffffffffffff83116100b7576020808501948460051b0101116100b757565b359067ffffffffffffffff821682036100b757565b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff82111761086757604052565b90918281527f07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff83116100b75760209260051b809284830137010190565b90357fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe1823603018112156100b757016020813591019167ffffffffffffffff82116100b75781360383136100b757565b601f82602094937fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0938186528686013760008582860101520116010190565b9035907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe1813603018212156100b7570180359067ffffffffffffffff82116100b7576020019181360383136100b757565b359073ffffffffffffffffffffffffffffffffffffffff821682036100b757565b3567ffffffffffffffff811681036100b7579056' as const
