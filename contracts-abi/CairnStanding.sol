// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CairnVerifier} from "./CairnVerifier.sol";

/// @title Which heads of a Cairn chain stand: the part of the light client that keeps them, and learns revocations.
/// @dev A head is *standing* while its seal is valid under the revocations that are known here. That is asked at every use, so a revocation
/// takes effect at once on however many heads it drops. Heads are kept by their hash; of the order in which they were accepted only the
/// newest head of each *run* is kept (a run is a sequence of heads sealed under one index), which is what it takes to find the newest
/// one that stands: in a run whose index is revoked that can only be the block that the revocation names.
///
/// Any two heads that stand descend from one another: a new one is proved from the newest standing one, no head begins to stand again, and
/// where none stands the next one needs one that is merely in doubt in its history.
abstract contract CairnStanding {
    /// @notice A head that was accepted.
    /// @dev One word. Heights, epochs and times beyond 2^48 − 1 are refused, never cut.
    struct Head {
        uint48 height;
        uint48 epoch;
        /// @dev milliseconds, as the operator says
        uint48 timestamp;
        /// @dev of the delegation that it is sealed under
        uint64 index;
        /// @dev seconds, of the EVM; never 0 for a head that was accepted
        uint40 acceptedAt;
    }

    /// @notice What the revocations of an index leave of it.
    /// @dev Of several that do not agree none leaves a block; the lowest `fromHeight` is kept, with its block where there is one only.
    struct Revoked {
        Extent extent;
        uint64 fromHeight;
        bytes32 parentHash;
    }

    enum Extent {
        Nothing,
        AllButOne,
        All
    }

    struct Status {
        uint64 runs;
        /// @dev Whether a first head was accepted: from then on nothing is believed that is not proved to follow.
        bool hasBegun;
        bool isFrozen;
        /// @dev Grows with every freeze and every thaw, so that a signature that lifts one lifts no other.
        uint64 round;
        /// @dev seconds; 0 where no thaw is announced
        uint40 thawAt;
        /// @dev Whether the thaw that is announced lets the client begin again.
        bool isAfresh;
    }

    /// @notice The cold key took back delegation `index`, but for the block `parentHash` below `fromHeight`.
    event Revocation(uint64 indexed index, uint64 fromHeight, bytes32 parentHash);

    /// @notice Frozen on evidence of equivocation: nothing is believed and nothing accepted.
    error Frozen();
    /// @notice The cold key did not sign this.
    error NotByColdKey();
    /// @notice Nothing that was accepted stands: see `resume`.
    error NothingStands();
    /// @notice Too many runs of heads were dropped for one call: call `unwind` first.
    error UnwindFirst();

    /// @dev How many dropped runs one call looks at.
    uint256 internal constant STEPS = 16;

    /// @notice The id of the chain that this client follows.
    bytes32 public immutable chainId;
    address public immutable coldKey;
    /// @notice When the genesis says that the chain was made, in milliseconds.
    uint64 public immutable createdAt;
    bytes32 internal immutable domain;
    bytes32 internal immutable nameHash;

    Status public status;
    /// @dev The newest head of each run, oldest run first.
    mapping(uint256 run => bytes32 blockHash) internal newestOf;
    /// @notice Every head that was accepted, whether it stands or not.
    mapping(bytes32 blockHash => Head) public heads;
    mapping(uint64 index => Revoked) public revoked;
    /// @notice Delegations, by their digest, whose signature was checked: a seal may leave it out.
    mapping(bytes32 digest => bool) public isDelegated;

    /// @param revocations those that are known: an old key that was stolen may bring the first head else.
    constructor(CairnVerifier.Genesis memory genesis, CairnVerifier.Revocation[] memory revocations) {
        chainId = CairnVerifier.chainIdOf(genesis);
        coldKey = genesis.coldKey;
        createdAt = genesis.createdAt;
        domain = CairnVerifier.domainOf(chainId);
        nameHash = keccak256(bytes(genesis.name));
        for (uint256 i = 0; i < revocations.length; ++i) {
            CairnVerifier.Revocation memory each = revocations[i];
            bytes32 digest =
                CairnVerifier.revocationDigest(domain, nameHash, each.index, each.fromHeight, each.parentHash);
            if (signerInMemory(digest, each.signature) != coldKey) revert NotByColdKey();
            noteRevocation(each.index, each.fromHeight, each.parentHash);
        }
    }

    /// @notice Forgets dropped runs, for when there are too many for one call. Anyone may call it; it changes nothing that stands.
    function unwind(uint256 steps) external {
        (bytes32 held, uint64 runs, bool isLast) = newestWithin(status.runs, steps);
        if (held != bytes32(0) && !isLast) newestOf[runs - 1] = held;
        status.runs = runs;
    }

    /// @notice The newest head that stands. Reverts where none does, or while frozen.
    function head() external view returns (bytes32 hash, Head memory found) {
        if (status.isFrozen) revert Frozen();
        (hash,,) = newest(status.runs, type(uint256).max);
        if (hash == bytes32(0)) revert NothingStands();
        found = heads[hash];
    }

    /// @notice Whether a block was accepted as a head and no revocation speaks against it. A freeze is not asked for here.
    function isStanding(bytes32 hash) public view returns (bool) {
        Head memory each = heads[hash];
        return each.acceptedAt != 0 && !isRevoked(each.index, each.height, hash);
    }

    /// @notice Learns a revocation that the cold key signed. What it drops, backwards too, proves nothing any more from here on.
    function revoke(CairnVerifier.Revocation calldata revocation) external {
        bytes32 digest = CairnVerifier.revocationDigest(
            domain, nameHash, revocation.index, revocation.fromHeight, revocation.parentHash
        );
        if (!CairnVerifier.isSignedBy(coldKey, digest, revocation.signature)) revert NotByColdKey();
        noteRevocation(revocation.index, revocation.fromHeight, revocation.parentHash);
    }

    // What the above is made of

    /// @dev The newest head that stands, within so many runs from the top, or `UnwindFirst`.
    function newest(uint64 runs, uint256 steps) internal view returns (bytes32 held, uint64 left, bool isLast) {
        (held, left, isLast) = newestWithin(runs, steps);
        if (held == bytes32(0) && left > 0) revert UnwindFirst();
    }

    /// @return held the head, or zero where none stands in these runs
    /// @return left how many runs there are up to its own; without one, how many were not looked at
    /// @return isLast whether it is the newest of its run
    function newestWithin(uint64 runs, uint256 steps) private view returns (bytes32 held, uint64 left, bool isLast) {
        for (left = runs; left > 0 && steps > 0; --left) {
            --steps;
            bytes32 last = newestOf[left - 1];
            uint64 index = heads[last].index;
            Revoked storage by = revoked[index];
            if (by.extent == Extent.Nothing) return (last, left, true);
            if (by.extent == Extent.All) continue;
            // Of this run only the block that the revocation names can stand, if it is in it and not in an older one of the same index.
            bytes32 named = by.parentHash;
            if (!isStanding(named) || heads[named].index != index) continue;
            if (left > 1 && heads[named].height <= heads[newestOf[left - 2]].height) continue;
            return (named, left, named == last);
        }
    }

    /// @dev Whether a seal under this index counts no more for the block.
    function isRevoked(uint64 index, uint256 height, bytes32 hash) internal view returns (bool) {
        Revoked storage by = revoked[index];
        if (by.extent == Extent.Nothing) return false;
        return by.extent == Extent.All || height + 1 != by.fromHeight || hash != by.parentHash;
    }

    /// @dev Whether a head was accepted, and no revocation says that it was not the chain's: then a valid block may prove it again.
    function isInDoubt(bytes32 hash) internal view returns (bool) {
        Head memory each = heads[hash];
        if (each.acceptedAt == 0) return false;
        Revoked storage by = revoked[each.index];
        uint256 above = uint256(each.height) + 1;
        return above < by.fromHeight || (above == by.fromHeight && hash == by.parentHash);
    }

    /// @dev Whether heads were accepted and none stands. Runs that nobody looked at yet may have one.
    function isStuck(Status memory current) internal view returns (bool) {
        if (!current.hasBegun) return false;
        (bytes32 held, uint64 left,) = newestWithin(current.runs, STEPS);
        return held == bytes32(0) && left == 0;
    }

    function noteRevocation(uint64 index, uint64 fromHeight, bytes32 parentHash) private {
        Revoked storage by = revoked[index];
        emit Revocation(index, fromHeight, parentHash);
        if (by.extent == Extent.Nothing) {
            by.extent = Extent.AllButOne;
            by.fromHeight = fromHeight;
            by.parentHash = parentHash;
            return;
        }
        if (by.fromHeight == fromHeight && by.parentHash == parentHash) return;
        // Two that name different blocks leave none. The lower one says of more heads that they were not the chain's.
        by.extent = Extent.All;
        if (fromHeight < by.fromHeight) {
            by.fromHeight = fromHeight;
            by.parentHash = parentHash;
        } else if (fromHeight == by.fromHeight) {
            by.parentHash = bytes32(0);
        }
    }

    /// @dev `recover` of the library for the constructor, whose arguments lie in memory.
    function signerInMemory(bytes32 digest, bytes memory signature) private pure returns (address) {
        if (signature.length != 65) return address(0);
        bytes32 r;
        bytes32 s;
        assembly ("memory-safe") {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
        }
        return CairnVerifier.recover(digest, r, s, uint8(signature[64]));
    }
}
