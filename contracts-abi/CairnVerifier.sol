// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What the Cairn format defines, version 1, as pure functions.
/// @notice Hashes of blocks, roots and entries, who signed what, and proofs against roots. The words are those of FORMAT.md, and so is the
/// strictness: a signature has 65 bytes with a low `s` and `v` 27 or 28, a path has exactly its length, and what is out of its bounds is
/// refused before it is hashed. Whether text is UTF-8 is not looked at: a leaf is compared by its bytes.
/// @dev Nothing here keeps state or trusts a caller. Every time is in milliseconds since 1970, as a Cairn chain counts them; no function here
/// reads the clock of the EVM, which counts in seconds.
library CairnVerifier {
    /// @notice Who a chain is (§2). Its EIP-712 hash is the chain's id.
    struct Genesis {
        string name;
        address coldKey;
        string machine;
        uint64 createdAt;
        bytes32 nonce;
    }

    /// @notice What the hash of a block is made of (§3).
    struct Header {
        uint64 height;
        uint64 epoch;
        bytes32 parentHash;
        bytes32 commandsHash;
        bytes32 batchRoot;
        uint64 commandCount;
        uint64 firstSeq;
        uint64 timestamp;
    }

    /// @notice What the batch root of a block is made of (§3). The range of the history has as many entries as the block's height.
    struct Roots {
        bytes32 state;
        bytes32 risk;
        uint64 commandSize;
        bytes32 commandRoot;
        uint64 obligationSize;
        bytes32 obligationRoot;
        uint64 intentSize;
        bytes32 intentRoot;
        bytes32 history;
    }

    /// @notice The cold key's word that `delegate` may seal blocks dated between the two times (§4).
    struct Delegation {
        address delegate;
        uint64 index;
        uint64 validFrom;
        uint64 validUntil;
        bytes signature;
    }

    /// @notice The delegate's signature over a block hash (§4).
    struct Seal {
        Delegation delegation;
        bytes signature;
    }

    /// @notice The cold key's word that delegation `index` seals one block only: `parentHash`, right below `fromHeight` (§4).
    struct Revocation {
        uint64 index;
        uint64 fromHeight;
        bytes32 parentHash;
        bytes signature;
    }

    /// @notice A command as accepted, and what came of it (§5). `payloadHash` is `payloadHash(salt, payload)`.
    struct Command {
        uint64 seq;
        string client;
        uint64 request;
        string commandType;
        bytes32 payloadHash;
        uint64 receivedAt;
        uint8 status;
        bytes reply;
        uint64 obligationSize;
        uint64 intentSize;
    }

    /// @notice An event that a command emitted (§5).
    struct Obligation {
        uint64 index;
        uint64 seq;
        string topic;
        bytes data;
    }

    /// @notice Something that a system outside carries out, once (§5).
    struct Intent {
        uint64 index;
        uint64 seq;
        string kind;
        bytes data;
    }

    /// @notice The leaf of another key, where an absent one would stand (§7): its K and V.
    struct OtherLeaf {
        bytes32 key;
        bytes32 value;
    }

    /// @notice A block that a sealed block names in its history.
    struct Ancestor {
        uint64 height;
        bytes32 blockHash;
        bytes32[] path;
    }

    /// @notice One side of an equivocation (§8). Without an ancestor `roots` and `ancestor` are not looked at.
    struct Side {
        Header header;
        Seal seal;
        bool hasAncestor;
        Roots roots;
        Ancestor ancestor;
    }

    /// @notice Something is out of the bounds of FORMAT §1.
    error Malformed();
    /// @notice The roots do not hash to the batch root of the block.
    error WrongRoots();
    /// @notice The header and its roots contradict each other (§8, `roots`).
    error Incoherent();
    /// @notice The cold key did not sign this delegation.
    error NotDelegated();
    /// @notice The block is older than the delegation.
    error DelegationEarly(uint64 timestamp, uint64 validFrom);
    /// @notice The delegation had run out when the block was made.
    error DelegationExpired(uint64 timestamp, uint64 validUntil);
    /// @notice The delegate did not sign this block.
    error NotSealed();
    /// @notice The path does not lead from the ancestor to the history of the block.
    error NotAnAncestor();

    bytes32 internal constant ZERO32 = bytes32(0);
    /// @notice The root of a range of no entries, and the commands hash of an empty block.
    bytes32 internal constant EMPTY_ROOT = keccak256("");
    /// @notice What stands where a subtree of a state tree has no key.
    bytes32 internal constant EMPTY = "SPARSE_MERKLE_PLACEHOLDER_HASH__";

    bytes32 private constant DOMAIN_TYPE = keccak256("EIP712Domain(string name,string version,bytes32 salt)");
    bytes32 private constant DOMAIN_NAME = keccak256("Cairn");
    bytes32 private constant DOMAIN_VERSION = keccak256("1");
    bytes32 private constant GENESIS_TYPE =
        keccak256("Genesis(string name,address coldKey,string machine,uint64 createdAt,bytes32 nonce)");
    bytes32 private constant BLOCK_TYPE = keccak256(
        "Block(uint64 height,uint64 epoch,bytes32 parentHash,bytes32 commandsHash,bytes32 batchRoot,uint64 commandCount,uint64 firstSeq,uint64 timestamp)"
    );
    bytes32 private constant DELEGATION_TYPE =
        keccak256("CairnDelegation(string chain,address delegate,uint64 index,uint64 validFrom,uint64 validUntil)");
    bytes32 private constant REVOCATION_TYPE =
        keccak256("CairnRevocation(string chain,uint64 index,uint64 fromHeight,bytes32 parentHash)");
    bytes32 private constant BATCH_ROOT = keccak256("cairn/v1/batch-root");
    bytes32 private constant COMMAND = keccak256("cairn/v1/command");
    bytes32 private constant OUTCOME = keccak256("cairn/v1/outcome");
    bytes32 private constant OBLIGATION = keccak256("cairn/v1/obligation");
    bytes32 private constant INTENT = keccak256("cairn/v1/intent");

    /// @dev The order of secp256k1, halved: the greatest `s` of a strict signature.
    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    uint256 private constant NAME_MAX = 64;
    uint256 private constant LABEL_MAX = 64;
    uint256 private constant KEY_MAX = 1024;
    uint256 private constant DATA_MAX = 64 << 10;
    uint256 private constant VALUE_MAX = 1 << 20;
    uint256 private constant SIBLINGS_MAX = 256;

    // Identity (§2)

    /// @notice The id of the chain of this genesis.
    function chainIdOf(Genesis memory genesis) internal pure returns (bytes32) {
        demandText(bytes(genesis.name).length, 1, NAME_MAX);
        demandText(bytes(genesis.machine).length, 1, NAME_MAX);
        if (genesis.coldKey == address(0)) revert Malformed();
        bytes32 name = keccak256(bytes(genesis.name));
        bytes32 machine = keccak256(bytes(genesis.machine));
        return keccak256(
            abi.encode(GENESIS_TYPE, name, genesis.coldKey, machine, genesis.createdAt, genesis.nonce)
        );
    }

    /// @notice The EIP-712 domain of a chain: a name, a version and the chain's id as salt, with neither a chain of the EVM nor a contract in it.
    function domainOf(bytes32 chainId) internal pure returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPE, DOMAIN_NAME, DOMAIN_VERSION, chainId));
    }

    /// @notice What is signed of a typed struct in a domain.
    function typedDigest(bytes32 domain, bytes32 structHash) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    // Blocks (§3)

    /// @notice The hash of a block, which its seal signs.
    function blockHash(bytes32 domain, Header calldata header) internal pure returns (bytes32) {
        return typedDigest(domain, keccak256(abi.encode(BLOCK_TYPE, header)));
    }

    function batchRoot(Roots calldata roots) internal pure returns (bytes32) {
        return keccak256(abi.encode(BATCH_ROOT, roots));
    }

    /// @notice Reverts unless these are the roots of the block.
    function demandRoots(Header calldata header, Roots calldata roots) internal pure {
        if (batchRoot(roots) != header.batchRoot) revert WrongRoots();
    }

    /// @notice Reverts unless the roots are those of the block, and the two fit together as §8 demands.
    /// @param createdAt when the genesis says that the chain was made
    function demandCoherent(Header calldata header, Roots calldata roots, uint64 createdAt) internal pure {
        demandRoots(header, roots);
        uint256 height = header.height;
        uint256 count = header.commandCount;
        if (roots.commandSize != uint256(header.firstSeq) + count) revert Incoherent();
        if (header.epoch == 0) revert Incoherent();
        if ((height == 0) != (header.parentHash == ZERO32)) revert Incoherent();
        if (count == 0 && (height == 0 || header.commandsHash != EMPTY_ROOT)) revert Incoherent();
        if (height > 0) return;
        if (header.epoch != 1 || header.firstSeq != 0 || roots.history != EMPTY_ROOT) revert Incoherent();
        if (header.timestamp < createdAt) revert Incoherent();
    }

    // Signatures (§4)

    /// @notice The signer of a digest, or the zero address where the signature is not a strict one or recovers nobody.
    function recover(bytes32 digest, bytes calldata signature) internal pure returns (address) {
        if (signature.length != 65) return address(0);
        return recover(digest, bytes32(signature[0:32]), bytes32(signature[32:64]), uint8(signature[64]));
    }

    /// @notice The same for a signature in its parts.
    function recover(bytes32 digest, bytes32 r, bytes32 s, uint8 v) internal pure returns (address) {
        if (uint256(s) > HALF_ORDER || (v != 27 && v != 28)) return address(0);
        return ecrecover(digest, v, r, s);
    }

    /// @notice Whether `signer`, who is somebody, signed the digest.
    function isSignedBy(address signer, bytes32 digest, bytes calldata signature) internal pure returns (bool) {
        return signer != address(0) && recover(digest, signature) == signer;
    }

    /// @notice What the cold key signs to delegate.
    /// @param name the hash of the chain's name
    function delegationDigest(bytes32 domain, bytes32 name, Delegation calldata delegation)
        internal
        pure
        returns (bytes32)
    {
        // The zero address is malformed as a delegate: nobody holds its key, and it is what a failed recovery gives.
        if (delegation.delegate == address(0)) revert Malformed();
        return typedDigest(
            domain,
            keccak256(
                abi.encode(
                    DELEGATION_TYPE,
                    name,
                    delegation.delegate,
                    delegation.index,
                    delegation.validFrom,
                    delegation.validUntil
                )
            )
        );
    }

    /// @notice What the cold key signs to revoke.
    function revocationDigest(bytes32 domain, bytes32 name, uint64 index, uint64 fromHeight, bytes32 parentHash)
        internal
        pure
        returns (bytes32)
    {
        return typedDigest(domain, keccak256(abi.encode(REVOCATION_TYPE, name, index, fromHeight, parentHash)));
    }

    /// @notice Reverts unless the block's time, in milliseconds, lies in the window of the delegation.
    function demandWindow(uint64 timestamp, Delegation calldata delegation) internal pure {
        if (timestamp < delegation.validFrom) revert DelegationEarly(timestamp, delegation.validFrom);
        if (timestamp > delegation.validUntil) revert DelegationExpired(timestamp, delegation.validUntil);
    }

    // Entries (§5)

    function payloadHash(bytes32 salt, bytes calldata payload) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(salt, payload));
    }

    function commandLeaf(Command calldata command) internal pure returns (bytes32) {
        demandText(bytes(command.client).length, 0, LABEL_MAX);
        demandText(bytes(command.commandType).length, 1, LABEL_MAX);
        demandText(command.reply.length, 0, DATA_MAX);
        // The anonymous client, and only it, has no request number.
        if ((bytes(command.client).length == 0) != (command.request == 0)) revert Malformed();
        if (command.status > 1) revert Malformed();
        bytes32 identity = keccak256(
            abi.encode(
                COMMAND,
                command.seq,
                keccak256(bytes(command.client)),
                command.request,
                keccak256(bytes(command.commandType)),
                command.payloadHash,
                command.receivedAt
            )
        );
        bytes32 reply = keccak256(command.reply);
        return keccak256(
            abi.encode(OUTCOME, identity, command.status, reply, command.obligationSize, command.intentSize)
        );
    }

    function obligationLeaf(Obligation calldata obligation) internal pure returns (bytes32) {
        return entryLeaf(OBLIGATION, obligation.index, obligation.seq, bytes(obligation.topic), obligation.data);
    }

    function intentLeaf(Intent calldata intent) internal pure returns (bytes32) {
        return entryLeaf(INTENT, intent.index, intent.seq, bytes(intent.kind), intent.data);
    }

    function entryLeaf(bytes32 tag, uint64 index, uint64 seq, bytes calldata label, bytes calldata data)
        private
        pure
        returns (bytes32)
    {
        demandText(label.length, 1, LABEL_MAX);
        demandText(data.length, 0, DATA_MAX);
        return keccak256(abi.encode(tag, index, seq, keccak256(label), keccak256(data)));
    }

    function demandText(uint256 length, uint256 min, uint256 max) private pure {
        if (length < min || length > max) revert Malformed();
    }

    // Ranges (§6)

    /// @notice Whether `entry` stands at `index` of the range of this size and root: the audit path of RFC 9162, of exactly its length.
    function isIncluded(uint64 index, bytes32 entry, uint64 size, bytes32 root, bytes32[] calldata path)
        internal
        pure
        returns (bool)
    {
        if (index >= size) return false;
        uint256 place = index;
        uint256 last = uint256(size) - 1;
        bytes32 node = rangeLeaf(entry);
        for (uint256 i = 0; i < path.length; ++i) {
            // The root was reached: the path is too long.
            if (last == 0) return false;
            if (place & 1 == 1 || place == last) {
                node = rangeNode(path[i], node);
                // On the right edge a node without a sibling rises as it is.
                while (place & 1 == 0 && place != 0) {
                    place >>= 1;
                    last >>= 1;
                }
            } else {
                node = rangeNode(node, path[i]);
            }
            place >>= 1;
            last >>= 1;
        }
        return last == 0 && node == root;
    }

    /// @notice Whether the newer range extends the older one: the consistency proof of RFC 9162 §2.1.4.
    function isConsistent(uint64 size1, bytes32 root1, uint64 size2, bytes32 root2, bytes32[] calldata path)
        internal
        pure
        returns (bool)
    {
        if (size1 > size2) return false;
        if (size1 == 0) return path.length == 0 && root1 == EMPTY_ROOT;
        if (size1 == size2) return path.length == 0 && root1 == root2;
        // A range that is one complete subtree is proved from its own root.
        bool isWhole = uint256(size1) & (uint256(size1) - 1) == 0;
        if (!isWhole && path.length == 0) return false;
        uint256 place = uint256(size1) - 1;
        uint256 last = uint256(size2) - 1;
        while (place & 1 == 1) {
            place >>= 1;
            last >>= 1;
        }
        bytes32 older = isWhole ? root1 : path[0];
        bytes32 newer = older;
        for (uint256 i = isWhole ? 0 : 1; i < path.length; ++i) {
            if (last == 0) return false;
            if (place & 1 == 1 || place == last) {
                older = rangeNode(path[i], older);
                newer = rangeNode(path[i], newer);
                while (place & 1 == 0 && place != 0) {
                    place >>= 1;
                    last >>= 1;
                }
            } else {
                newer = rangeNode(newer, path[i]);
            }
            place >>= 1;
            last >>= 1;
        }
        return last == 0 && older == root1 && newer == root2;
    }

    function rangeLeaf(bytes32 entry) private pure returns (bytes32 leaf) {
        assembly ("memory-safe") {
            mstore8(0x00, 0)
            mstore(0x01, entry)
            leaf := keccak256(0x00, 0x21)
        }
    }

    function rangeNode(bytes32 left, bytes32 right) private pure returns (bytes32 node) {
        assembly ("memory-safe") {
            // Beyond what is in use, and nothing of it is kept: 65 bytes do not fit below the free memory pointer.
            let at := mload(0x40)
            mstore8(at, 1)
            mstore(add(at, 0x01), left)
            mstore(add(at, 0x21), right)
            node := keccak256(at, 0x41)
        }
    }

    // State trees (§7)

    /// @notice Whether the tree of this root holds the raw key with this value.
    function isPresent(bytes32 root, bytes calldata key, bytes calldata value, bytes32[] calldata siblings)
        internal
        pure
        returns (bool)
    {
        demandText(key.length, 1, KEY_MAX);
        demandText(value.length, 0, VALUE_MAX);
        bytes32 hashed = keccak256(key);
        return leads(root, hashed, stateLeaf(hashed, keccak256(value)), siblings);
    }

    /// @notice Whether the tree of this root does not hold the raw key: its place is empty, or (with one `other`) another key's leaf is there.
    function isAbsent(bytes32 root, bytes calldata key, bytes32[] calldata siblings, OtherLeaf[] calldata other)
        internal
        pure
        returns (bool)
    {
        demandText(key.length, 1, KEY_MAX);
        if (other.length > 1) revert Malformed();
        bytes32 hashed = keccak256(key);
        if (other.length == 0) return leads(root, hashed, EMPTY, siblings);
        bytes32 otherKey = other[0].key;
        if (otherKey == hashed) return false;
        // The leaf of another key speaks for this one only where both would stand in the same place.
        uint256 depth = siblings.length;
        if (depth > SIBLINGS_MAX || uint256(otherKey ^ hashed) >> (256 - depth) != 0) return false;
        return leads(root, hashed, stateLeaf(otherKey, other[0].value), siblings);
    }

    /// @dev Whether the siblings lead from what stands at their depth, on the way of the key, to the root.
    function leads(bytes32 root, bytes32 key, bytes32 node, bytes32[] calldata siblings) private pure returns (bool) {
        uint256 depth = siblings.length;
        if (depth > SIBLINGS_MAX) revert Malformed();
        // Where a node's bottom-most sibling is empty the node's only leaf would stand higher up: no tree has such a place.
        if (depth > 0 && siblings[0] == EMPTY) return false;
        // Its lowest bit is the one that says where the bottom-most node stands.
        uint256 turns = depth == 0 ? 0 : uint256(key) >> (256 - depth);
        for (uint256 i = 0; i < depth; ++i) {
            bytes32 sibling = siblings[i];
            node = turns & 1 == 1 ? stateInner(sibling, node) : stateInner(node, sibling);
            turns >>= 1;
        }
        return node == root;
    }

    function stateLeaf(bytes32 key, bytes32 value) private pure returns (bytes32) {
        return keccak256(abi.encodePacked("JMT::LeafNode", key, value));
    }

    function stateInner(bytes32 left, bytes32 right) private pure returns (bytes32 node) {
        assembly ("memory-safe") {
            let at := mload(0x40)
            mstore(at, "JMT::IntrnalNode")
            mstore(add(at, 0x10), left)
            mstore(add(at, 0x30), right)
            node := keccak256(at, 0x50)
        }
    }

    // Ancestry and evidence (§8)

    /// @notice Whether the block at `height` has this hash in the history of the block of this header and these roots, which are its own.
    function isAncestor(
        uint64 height,
        bytes32 hash,
        Header calldata header,
        Roots calldata roots,
        bytes32[] calldata path
    ) internal pure returns (bool) {
        if (!isIncluded(height, hash, header.height, roots.history, path)) return false;
        // Of two blocks the lower of which is the parent, the header says so too.
        return uint256(height) + 1 != header.height || hash == header.parentHash;
    }

    /// @notice Reverts unless the side names an ancestor that it has, or none. No other coherence of the block is asked: it was signed as it is.
    function demandAncestor(Side calldata side) internal pure {
        if (!side.hasAncestor) return;
        demandRoots(side.header, side.roots);
        Ancestor calldata named = side.ancestor;
        if (!isAncestor(named.height, named.blockHash, side.header, side.roots, named.path)) revert NotAnAncestor();
    }

    /// @notice Whether two sides, which are valid by themselves, say different things of a height, and of which.
    /// @param hashA the hash of the block of side `a`
    function contradiction(Side calldata a, bytes32 hashA, Side calldata b, bytes32 hashB)
        internal
        pure
        returns (bool, uint64)
    {
        uint64 height = a.header.height;
        if (contradicts(height, hashA, b, hashB)) return (true, height);
        if (height > 0 && contradicts(height - 1, a.header.parentHash, b, hashB)) return (true, height - 1);
        if (!a.hasAncestor) return (false, 0);
        height = a.ancestor.height;
        return (contradicts(height, a.ancestor.blockHash, b, hashB), height);
    }

    function contradicts(uint64 height, bytes32 hash, Side calldata side, bytes32 sideHash)
        private
        pure
        returns (bool)
    {
        uint256 own = side.header.height;
        if (own == height && sideHash != hash) return true;
        if (own > 0 && own - 1 == height && side.header.parentHash != hash) return true;
        return side.hasAncestor && side.ancestor.height == height && side.ancestor.blockHash != hash;
    }
}
