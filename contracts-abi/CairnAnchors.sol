// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Roots of Merkle trees over the heads of many Cairn chains, and since when they are known here.
/// @notice One transaction shows of any number of chains that their heads were there at this time. It says nothing of whether a head is sealed or
/// right: a proof of the chain says that. Anyone may anchor; a root is the same whoever brings it, and its first time stands.
/// @dev A leaf is `keccak256(keccak256(abi.encode(chainId, height, blockHash, timestamp)))`, a node the hash of its two children in ascending
/// order: the form of OpenZeppelin's MerkleProof.
contract CairnAnchors {
    /// @notice A root was anchored, perhaps not for the first time. What lies at `uri` is the publisher's word.
    event Anchored(bytes32 indexed root, address indexed publisher, string uri);

    error NoRoot();

    /// @notice When a root was anchored first, in seconds; 0 where it never was.
    mapping(bytes32 root => uint256 time) public anchoredAt;

    /// @param uri where the publisher keeps the tree, or empty
    function anchor(bytes32 root, string calldata uri) external {
        if (root == bytes32(0)) revert NoRoot();
        if (anchoredAt[root] == 0) anchoredAt[root] = block.timestamp;
        emit Anchored(root, msg.sender, uri);
    }

    /// @notice When, in seconds, this head was anchored under this root, or 0 where the path does not lead there.
    /// @param timestamp of the head, in milliseconds
    function timeOf(
        bytes32 chainId,
        uint64 height,
        bytes32 blockHash,
        uint64 timestamp,
        bytes32[] calldata path,
        bytes32 root
    ) external view returns (uint256) {
        bytes32 node = keccak256(bytes.concat(keccak256(abi.encode(chainId, height, blockHash, timestamp))));
        for (uint256 i = 0; i < path.length; ++i) {
            bytes32 sibling = path[i];
            node = node < sibling
                ? keccak256(abi.encodePacked(node, sibling))
                : keccak256(abi.encodePacked(sibling, node));
        }
        return node == root ? anchoredAt[root] : 0;
    }
}
