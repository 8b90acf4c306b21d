/** The interface and the bytecode of CairnVerifier.sol. By `npm run contracts`. */

/** The interface of the contract CairnVerifier, as viem takes it. */
export const cairnVerifierAbi = [
  {"type":"error","name":"DelegationEarly","inputs":[{"internalType":"uint64","name":"timestamp","type":"uint64"},{"internalType":"uint64","name":"validFrom","type":"uint64"}]},
  {"type":"error","name":"DelegationExpired","inputs":[{"internalType":"uint64","name":"timestamp","type":"uint64"},{"internalType":"uint64","name":"validUntil","type":"uint64"}]},
  {"type":"error","name":"Incoherent","inputs":[]},
  {"type":"error","name":"Malformed","inputs":[]},
  {"type":"error","name":"NotAnAncestor","inputs":[]},
  {"type":"error","name":"NotDelegated","inputs":[]},
  {"type":"error","name":"NotSealed","inputs":[]},
  {"type":"error","name":"WrongRoots","inputs":[]}
] as const

/** The code that deploys the contract CairnVerifier. */
export const cairnVerifierBytecode: `0x${string}` = '0x6080806040523460175760049081601d823930815050f35b600080fdfe600080fd'
