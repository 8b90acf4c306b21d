// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {TrieProof} from "@openzeppelin/contracts/utils/cryptography/TrieProof.sol";
import {EthereumTrie} from "@polytope-labs/solidity-merkle-trees/src/EthereumTrie.sol";
import {MerkleMountainRange} from "@polytope-labs/solidity-merkle-trees/src/MerkleMountainRange.sol";
import {verifyBinaryTreeDigest} from "@fuel-contracts/merkle-sol/contracts/tree/binary/BinaryMerkleTreeUtils.sol";
import {SparseMerkleProof, verifyProof} from "@fuel-contracts/merkle-sol/contracts/tree/sparse/Proofs.sol";
import {MerkleProofLib} from "solady/src/utils/MerkleProofLib.sol";

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

/// @title Solady's verifier of Merkle proofs, as it is.
contract SoladyProof {
    function verify(bytes32[] calldata path, bytes32 root, bytes32 leaf) external pure returns (bool) {
        return MerkleProofLib.verifyCalldata(path, root, leaf);
    }
}

/// @title Polytope's verifiers, as they are: a Merkle mountain range, and a Merkle-Patricia trie.
contract Polytope {
    function verify(bytes32 root, bytes32[] calldata proof, uint256 index, bytes32 leaf, uint256 size)
        external
        pure
        returns (bool)
    {
        MerkleMountainRange.Leaf[] memory leaves = new MerkleMountainRange.Leaf[](1);
        leaves[0] = MerkleMountainRange.Leaf(index, leaf);
        return MerkleMountainRange.VerifyProof(root, proof, leaves, size);
    }

    /// @return the value of the key, empty where the trie does not have it
    function valueOf(bytes32 root, bytes[] calldata proof, bytes calldata key) external pure returns (bytes memory) {
        bytes[] memory keys = new bytes[](1);
        keys[0] = key;
        return EthereumTrie.VerifyProof(root, proof, keys)[0].value;
    }
}

/// @title Fuel's verifiers, as they are: a binary tree as RFC 9162 has it, and a sparse tree, both with SHA-256.
contract Fuel {
    function verify(bytes32 root, bytes32 leaf, bytes32[] calldata path, uint256 index, uint256 size)
        external
        pure
        returns (bool)
    {
        return verifyBinaryTreeDigest(root, leaf, path, index, size);
    }

    /// @param value 32 zero bytes to prove that the key is absent
    function verifySparse(SparseMerkleProof calldata proof, bytes32 root, bytes32 key, bytes calldata value)
        external
        pure
        returns (bool)
    {
        return verifyProof(proof, root, key, value);
    }
}
