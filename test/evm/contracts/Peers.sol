// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {TrieProof} from "@openzeppelin/contracts/utils/cryptography/TrieProof.sol";

/// @title OpenZeppelin's verifier of Merkle proofs, as it is.
contract StockProof {
    function verify(bytes32[] calldata path, bytes32 root, bytes32 leaf) external pure returns (bool) {
        return MerkleProof.verifyCalldata(path, root, leaf);
    }
}

/// @title What a contract pays for a question to another one.
contract Meter {
    function gasOf(address target, bytes calldata call) external view returns (uint256 used) {
        uint256 before = gasleft();
        (bool ok,) = target.staticcall(call);
        used = before - gasleft();
        require(ok, "reverted");
    }
}

/// @title OpenZeppelin's verifier of Merkle-Patricia proofs, as it is.
contract StockTrie {
    function verify(bytes calldata value, bytes32 root, bytes calldata key, bytes[] calldata proof)
        external
        pure
        returns (bool)
    {
        return TrieProof.verify(value, root, key, proof);
    }
}
