// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CairnVerifier} from "./CairnVerifier.sol";

/// @title The functions of the library, one by one, for tests that compare each with its counterpart.
contract Harness {
    function chainIdOf(CairnVerifier.Genesis memory genesis) external pure returns (bytes32) {
        return CairnVerifier.chainIdOf(genesis);
    }

    function blockHash(bytes32 chainId, CairnVerifier.Header calldata header) external pure returns (bytes32) {
        return CairnVerifier.blockHash(CairnVerifier.domainOf(chainId), header);
    }

    function batchRoot(CairnVerifier.Roots calldata roots) external pure returns (bytes32) {
        return CairnVerifier.batchRoot(roots);
    }

    function demandCoherent(
        CairnVerifier.Header calldata header,
        CairnVerifier.Roots calldata roots,
        uint64 createdAt
    ) external pure {
        CairnVerifier.demandCoherent(header, roots, createdAt);
    }

    function recover(bytes32 digest, bytes calldata signature) external pure returns (address) {
        return CairnVerifier.recover(digest, signature);
    }

    function delegationDigest(bytes32 chainId, string calldata name, CairnVerifier.Delegation calldata delegation)
        external
        pure
        returns (bytes32)
    {
        return CairnVerifier.delegationDigest(CairnVerifier.domainOf(chainId), keccak256(bytes(name)), delegation);
    }

    function revocationDigest(bytes32 chainId, string calldata name, CairnVerifier.Revocation calldata revocation)
        external
        pure
        returns (bytes32)
    {
        return CairnVerifier.revocationDigest(
            CairnVerifier.domainOf(chainId),
            keccak256(bytes(name)),
            revocation.index,
            revocation.fromHeight,
            revocation.parentHash
        );
    }

    function demandWindow(uint64 timestamp, CairnVerifier.Delegation calldata delegation) external pure {
        CairnVerifier.demandWindow(timestamp, delegation);
    }

    function payloadHash(bytes32 salt, bytes calldata payload) external pure returns (bytes32) {
        return CairnVerifier.payloadHash(salt, payload);
    }

    function commandLeaf(CairnVerifier.Command calldata command) external pure returns (bytes32) {
        return CairnVerifier.commandLeaf(command);
    }

    function obligationLeaf(CairnVerifier.Obligation calldata obligation) external pure returns (bytes32) {
        return CairnVerifier.obligationLeaf(obligation);
    }

    function intentLeaf(CairnVerifier.Intent calldata intent) external pure returns (bytes32) {
        return CairnVerifier.intentLeaf(intent);
    }

    function isIncluded(uint64 index, bytes32 entry, uint64 size, bytes32 root, bytes32[] calldata path)
        external
        pure
        returns (bool)
    {
        return CairnVerifier.isIncluded(index, entry, size, root, path);
    }

    function isConsistent(uint64 size1, bytes32 root1, uint64 size2, bytes32 root2, bytes32[] calldata path)
        external
        pure
        returns (bool)
    {
        return CairnVerifier.isConsistent(size1, root1, size2, root2, path);
    }

    function isPresent(bytes32 root, bytes calldata key, bytes calldata value, bytes32[] calldata siblings)
        external
        pure
        returns (bool)
    {
        return CairnVerifier.isPresent(root, key, value, siblings);
    }

    function isAbsent(
        bytes32 root,
        bytes calldata key,
        bytes32[] calldata siblings,
        CairnVerifier.OtherLeaf[] calldata other
    ) external pure returns (bool) {
        return CairnVerifier.isAbsent(root, key, siblings, other);
    }

    function isAncestor(
        uint64 height,
        bytes32 hash,
        CairnVerifier.Header calldata header,
        CairnVerifier.Roots calldata roots,
        bytes32[] calldata path
    ) external pure returns (bool) {
        return CairnVerifier.isAncestor(height, hash, header, roots, path);
    }
}
