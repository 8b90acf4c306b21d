// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CairnVerifier} from "./CairnVerifier.sol";

/// @title A light client of one Cairn chain: it holds heads that were sealed and proved to follow one another, and facts are proved against them.
/// @notice What it believes: that whoever the chain's cold key delegated to, and has not revoked here, sealed a head; that every head descends
/// from the one before it; and whatever is proved under such a head, or under a block in its history. It has no owner. Anyone may bring
/// heads, revocations and evidence, for each carries the signatures that it needs.
/// @dev A head is *standing* while its seal is valid under the revocations that are known here. That is asked at every use, so a revocation
/// takes effect at once on however many heads it drops. Heads are kept by their hash; of the order in which they were accepted only the
/// newest head of each *run* is kept (a run is a sequence of heads sealed under one index), which is what it takes to find the newest
/// one that stands: in a run whose index is revoked that can only be the block that the revocation names.
///
/// Any two heads that stand descend from one another: a new one is proved from the newest standing one, no head begins to stand again, and
/// where none stands the next one needs one that is merely in doubt in its history.
///
/// Times of the chain are milliseconds since 1970, those of the EVM seconds. `acceptedAt`, `thawAt` and the constants are seconds;
/// every other time is milliseconds.
contract CairnLightClient {
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

    /// @notice A block with the roots that it commits to.
    struct Ground {
        CairnVerifier.Header header;
        CairnVerifier.Roots roots;
    }

    /// @notice The head in whose history a block lies, and the path that shows it.
    struct Descent {
        Ground head;
        bytes32[] path;
    }

    enum Tree {
        State,
        Risk
    }

    /// @notice A block became the newest head.
    event HeadAccepted(bytes32 indexed blockHash, uint64 indexed height, uint64 index, uint64 timestamp);
    /// @notice The cold key took back delegation `index`, but for the block `parentHash` below `fromHeight`.
    event Revocation(uint64 indexed index, uint64 fromHeight, bytes32 parentHash);
    /// @notice Sealed blocks contradict each other. It froze the client, unless a revocation explains it.
    event Equivocation(uint64 indexed height, bytes32 blockHashA, bytes32 blockHashB, bool isExplained);
    /// @notice The cold key wants the freeze lifted. Whoever disagrees has until then, in seconds, to leave or to bring evidence.
    event ThawAnnounced(uint64 indexed round, uint256 thawAt, bool afresh);
    event Thawed(uint64 indexed round);

    /// @notice Frozen on evidence of equivocation: nothing is believed and nothing accepted.
    error Frozen();
    error NotFrozen();
    /// @notice The block is not higher than the head.
    error NotNewer(uint64 height, uint64 held);
    error EpochLower(uint64 epoch, uint64 held);
    error TimeEarlier(uint64 timestamp, uint64 held);
    /// @notice The block is dated, in milliseconds, further ahead of the EVM's clock than `AHEAD_LIMIT`.
    error TooFarAhead(uint64 timestamp);
    /// @notice The path does not prove the head in the history of the block.
    error NotADescendant();
    /// @notice The delegation is revoked for this block.
    error SealRevoked(uint64 index);
    /// @notice The cold key did not sign this.
    error NotByColdKey();
    /// @notice Nothing that was accepted stands: see `resume`.
    error NothingStands();
    /// @notice Something stands: `submitBlock` goes on from it.
    error SomethingStands();
    /// @notice Too many runs of heads were dropped for one call: call `unwind` first.
    error UnwindFirst();
    /// @notice No head that was accepted, or none that may still come to stand.
    error NoBase(bytes32 base);
    /// @notice It is no head that stands, nor was it shown to lie under one.
    error NotAccepted(bytes32 blockHash);
    /// @notice The two sides say different things of no height.
    error NoContradiction();
    error NotInRange();
    error NotInState();
    error OutOfRange();
    error ThawNotAnnounced();
    error ThawAnnouncedAlready(uint256 thawAt);
    error ThawTooEarly(uint256 thawAt);

    /// @notice For how long, in seconds, everybody sees that a freeze will be lifted before it is.
    uint256 public constant THAW_DELAY = 14 days;
    /// @notice How far, in seconds, a block may be dated ahead of the EVM's clock: one that is dated years ahead would bar all honest ones.
    uint256 public constant AHEAD_LIMIT = 1 hours;
    /// @dev How many dropped runs one call looks at.
    uint256 private constant STEPS = 16;

    bytes32 private constant THAW_TYPE =
        keccak256("CairnThaw(string chain,uint256 evmChainId,address client,uint64 round,bool afresh)");

    /// @notice The id of the chain that this client follows.
    bytes32 public immutable chainId;
    address public immutable coldKey;
    /// @notice When the genesis says that the chain was made, in milliseconds.
    uint64 public immutable createdAt;
    bytes32 private immutable domain;
    bytes32 private immutable nameHash;

    Status public status;
    /// @dev The newest head of each run, oldest run first.
    mapping(uint256 run => bytes32 blockHash) private newestOf;
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

    // Going forward

    /// @notice Moves the head to a newer block, which anyone may bring. Blocks may be skipped.
    /// @param path proves the hash of the head in the history of the new block, at the head's height; empty for the first head of all
    /// @return hash of the block. Where it is the head already nothing happens.
    function submitBlock(
        CairnVerifier.Header calldata header,
        CairnVerifier.Roots calldata roots,
        CairnVerifier.Seal calldata seal,
        bytes32[] calldata path
    ) external returns (bytes32 hash) {
        Status memory now_ = status;
        if (now_.isFrozen) revert Frozen();
        hash = demandValid(header, roots, seal);
        uint64 index = seal.delegation.index;
        if (!now_.hasBegun) {
            if (path.length != 0) revert NotADescendant();
            accept(hash, header, index, 0);
            status.hasBegun = true;
            status.runs = 1;
            return hash;
        }
        (bytes32 held, uint64 runs, bool isLast) = newest(now_.runs, STEPS);
        if (held == bytes32(0)) revert NothingStands();
        if (held == hash) return hash;
        demandAfter(held, header, roots, path);
        if (heads[held].index == index) {
            --runs;
        } else if (!isLast) {
            // What came after it in its run is dropped for good.
            newestOf[runs - 1] = held;
        }
        accept(hash, header, index, runs);
        // Nearly always it is one more head of the newest run, and the status stays as it is.
        if (runs + 1 != now_.runs) status.runs = runs + 1;
    }

    /// @notice Goes on after revocations that left no head standing, from one that they put in doubt without saying that it is wrong.
    /// @param base a head that was accepted, and that no revocation says was not the chain's; the new block is that block itself, under
    /// another key, or has it in its history
    function resume(
        CairnVerifier.Header calldata header,
        CairnVerifier.Roots calldata roots,
        CairnVerifier.Seal calldata seal,
        bytes32 base,
        bytes32[] calldata path
    ) external returns (bytes32 hash) {
        Status memory now_ = status;
        if (now_.isFrozen) revert Frozen();
        (bytes32 held,,) = newest(now_.runs, STEPS);
        if (held != bytes32(0)) revert SomethingStands();
        if (!isInDoubt(base)) revert NoBase(base);
        hash = demandValid(header, roots, seal);
        if (hash != base) demandAfter(base, header, roots, path);
        accept(hash, header, seal.delegation.index, 0);
        now_.runs = 1;
        // A start afresh that was announced meanwhile is of no more use.
        now_.thawAt = 0;
        ++now_.round;
        status = now_;
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

    // Revocation and equivocation

    /// @notice Learns a revocation that the cold key signed. What it drops, backwards too, proves nothing any more from here on.
    function revoke(CairnVerifier.Revocation calldata revocation) external {
        bytes32 digest = CairnVerifier.revocationDigest(
            domain, nameHash, revocation.index, revocation.fromHeight, revocation.parentHash
        );
        if (!CairnVerifier.isSignedBy(coldKey, digest, revocation.signature)) revert NotByColdKey();
        noteRevocation(revocation.index, revocation.fromHeight, revocation.parentHash);
    }

    /// @notice Freezes the client on proof that sealed blocks contradict each other. Where a revocation that is known here explains it (one of
    /// the two seals does not count any more) it is published all the same, and freezes nothing: else whoever holds a stolen
    /// key could freeze the client for ever after the key was revoked.
    /// @return isExplained whether a revocation explains it
    function reportEquivocation(CairnVerifier.Side calldata a, CairnVerifier.Side calldata b)
        external
        returns (bool isExplained)
    {
        bytes32 hashA = demandSide(a);
        bytes32 hashB = demandSide(b);
        (bool isContradicted, uint64 height) = CairnVerifier.contradiction(a, hashA, b, hashB);
        if (!isContradicted) revert NoContradiction();
        isExplained = isRevoked(a.seal.delegation.index, a.header.height, hashA)
            || isRevoked(b.seal.delegation.index, b.header.height, hashB);
        emit Equivocation(height, hashA, hashB, isExplained);
        if (isExplained) return true;
        Status memory now_ = status;
        now_.isFrozen = true;
        // Also while it is frozen: what contradicts the chain in another way takes back a thaw that was announced.
        now_.thawAt = 0;
        ++now_.round;
        status = now_;
    }

    /// @notice The cold key's word that the client shall go on after a freeze. Revoke the keys that contradicted themselves first: evidence
    /// that no revocation explains takes it back.
    /// @param afresh where nothing stands when it is lifted, the next head is the first again; it may be announced without a freeze, too
    /// @param signature of the cold key over `CairnThaw(chain, evmChainId, client, round, afresh)` in the chain's domain
    function announceThaw(bool afresh, bytes calldata signature) external {
        Status memory now_ = status;
        if (!now_.isFrozen && !(afresh && isStuck(now_))) revert NotFrozen();
        if (!CairnVerifier.isSignedBy(coldKey, thawDigest(now_.round, afresh), signature)) revert NotByColdKey();
        // Announced once: who repeats it does not move the time.
        if (now_.thawAt != 0) revert ThawAnnouncedAlready(now_.thawAt);
        now_.thawAt = uint40(block.timestamp + THAW_DELAY);
        now_.isAfresh = afresh;
        status = now_;
        emit ThawAnnounced(now_.round, now_.thawAt, afresh);
    }

    /// @notice Lifts the freeze once everybody had the time to see it coming. Anyone may call it.
    function thaw() external {
        Status memory now_ = status;
        if (now_.thawAt == 0) revert ThawNotAnnounced();
        if (block.timestamp < now_.thawAt) revert ThawTooEarly(now_.thawAt);
        if (now_.isAfresh && isStuck(now_)) {
            now_.hasBegun = false;
            now_.runs = 0;
        }
        now_.isFrozen = false;
        now_.thawAt = 0;
        emit Thawed(now_.round);
        ++now_.round;
        status = now_;
    }

    /// @notice What the cold key signs to lift the freeze of this round.
    function thawDigest(uint64 round, bool afresh) public view returns (bytes32) {
        return CairnVerifier.typedDigest(
            domain, keccak256(abi.encode(THAW_TYPE, nameHash, block.chainid, address(this), round, afresh))
        );
    }

    // Facts. Each reverts unless it is proved; what comes back is when, in seconds, the head that proves it was accepted.

    /// @notice A block is a head that stands (`under` empty), or lies in the history of one (`under` has that one).
    function verifyBlock(Ground calldata ground, Descent[] calldata under) public view returns (uint256 acceptedAt) {
        if (status.isFrozen) revert Frozen();
        bytes32 hash = CairnVerifier.blockHash(domain, ground.header);
        if (under.length == 0) {
            // The rest of its coherence was asked when it was accepted.
            CairnVerifier.demandRoots(ground.header, ground.roots);
            return demandStanding(hash);
        }
        if (under.length > 1) revert CairnVerifier.Malformed();
        CairnVerifier.demandCoherent(ground.header, ground.roots, createdAt);
        Ground calldata top = under[0].head;
        CairnVerifier.demandRoots(top.header, top.roots);
        if (!CairnVerifier.isAncestor(ground.header.height, hash, top.header, top.roots, under[0].path)) {
            revert CairnVerifier.NotAnAncestor();
        }
        return demandStanding(CairnVerifier.blockHash(domain, top.header));
    }

    /// @notice A command was accepted or rejected with this outcome.
    function verifyCommand(
        Ground calldata ground,
        Descent[] calldata under,
        CairnVerifier.Command calldata command,
        bytes32[] calldata path
    ) external view returns (uint256 acceptedAt) {
        acceptedAt = verifyBlock(ground, under);
        bytes32 leaf = CairnVerifier.commandLeaf(command);
        demandIncluded(command.seq, leaf, ground.roots.commandSize, ground.roots.commandRoot, path);
    }

    /// @notice A command emitted this event.
    function verifyObligation(
        Ground calldata ground,
        Descent[] calldata under,
        CairnVerifier.Obligation calldata obligation,
        bytes32[] calldata path
    ) external view returns (uint256 acceptedAt) {
        acceptedAt = verifyBlock(ground, under);
        if (obligation.seq >= ground.roots.commandSize) revert NotInRange();
        bytes32 leaf = CairnVerifier.obligationLeaf(obligation);
        demandIncluded(obligation.index, leaf, ground.roots.obligationSize, ground.roots.obligationRoot, path);
    }

    /// @notice A command made this intent.
    function verifyIntent(
        Ground calldata ground,
        Descent[] calldata under,
        CairnVerifier.Intent calldata intent,
        bytes32[] calldata path
    ) external view returns (uint256 acceptedAt) {
        acceptedAt = verifyBlock(ground, under);
        if (intent.seq >= ground.roots.commandSize) revert NotInRange();
        bytes32 leaf = CairnVerifier.intentLeaf(intent);
        demandIncluded(intent.index, leaf, ground.roots.intentSize, ground.roots.intentRoot, path);
    }

    /// @notice A raw key has this value as of the block. Older blocks are as true as the newest: ask `head` where it has to be the newest.
    function verifyState(
        Ground calldata ground,
        Descent[] calldata under,
        Tree tree,
        bytes calldata key,
        bytes calldata value,
        bytes32[] calldata siblings
    ) external view returns (uint256 acceptedAt) {
        acceptedAt = verifyBlock(ground, under);
        if (!CairnVerifier.isPresent(rootOf(ground.roots, tree), key, value, siblings)) revert NotInState();
    }

    /// @notice A raw key is not there as of the block.
    /// @param other the leaf that stands in its place, or none where the place is empty
    function verifyAbsence(
        Ground calldata ground,
        Descent[] calldata under,
        Tree tree,
        bytes calldata key,
        bytes32[] calldata siblings,
        CairnVerifier.OtherLeaf[] calldata other
    ) external view returns (uint256 acceptedAt) {
        acceptedAt = verifyBlock(ground, under);
        if (!CairnVerifier.isAbsent(rootOf(ground.roots, tree), key, siblings, other)) revert NotInState();
    }

    // What the above is made of

    function rootOf(CairnVerifier.Roots calldata roots, Tree tree) private pure returns (bytes32) {
        return tree == Tree.State ? roots.state : roots.risk;
    }

    function demandIncluded(uint64 index, bytes32 leaf, uint64 size, bytes32 root, bytes32[] calldata path)
        private
        pure
    {
        if (!CairnVerifier.isIncluded(index, leaf, size, root, path)) revert NotInRange();
    }

    function demandStanding(bytes32 hash) private view returns (uint256) {
        if (!isStanding(hash)) revert NotAccepted(hash);
        return heads[hash].acceptedAt;
    }

    /// @dev All that makes a block valid by itself: coherent, sealed, its seal not revoked, its time not far ahead.
    function demandValid(
        CairnVerifier.Header calldata header,
        CairnVerifier.Roots calldata roots,
        CairnVerifier.Seal calldata seal
    ) private returns (bytes32 hash) {
        CairnVerifier.demandCoherent(header, roots, createdAt);
        if (header.timestamp > (block.timestamp + AHEAD_LIMIT) * 1000) revert TooFarAhead(header.timestamp);
        CairnVerifier.Delegation calldata delegation = seal.delegation;
        CairnVerifier.demandWindow(header.timestamp, delegation);
        bytes32 digest = CairnVerifier.delegationDigest(domain, nameHash, delegation);
        if (delegation.signature.length == 0) {
            if (!isDelegated[digest]) revert CairnVerifier.NotDelegated();
        } else {
            // A signature that is there is checked, whether one was checked before or not.
            if (!CairnVerifier.isSignedBy(coldKey, digest, delegation.signature)) revert CairnVerifier.NotDelegated();
            if (!isDelegated[digest]) isDelegated[digest] = true;
        }
        hash = CairnVerifier.blockHash(domain, header);
        if (!CairnVerifier.isSignedBy(delegation.delegate, hash, seal.signature)) revert CairnVerifier.NotSealed();
        if (isRevoked(delegation.index, header.height, hash)) revert SealRevoked(delegation.index);
    }

    /// @dev A side of evidence, valid leaving revocations aside.
    function demandSide(CairnVerifier.Side calldata side) private view returns (bytes32 hash) {
        CairnVerifier.Delegation calldata delegation = side.seal.delegation;
        CairnVerifier.demandWindow(side.header.timestamp, delegation);
        bytes32 digest = CairnVerifier.delegationDigest(domain, nameHash, delegation);
        if (!CairnVerifier.isSignedBy(coldKey, digest, delegation.signature)) revert CairnVerifier.NotDelegated();
        hash = CairnVerifier.blockHash(domain, side.header);
        if (!CairnVerifier.isSignedBy(delegation.delegate, hash, side.seal.signature)) {
            revert CairnVerifier.NotSealed();
        }
        CairnVerifier.demandAncestor(side);
    }

    function demandAfter(
        bytes32 held,
        CairnVerifier.Header calldata header,
        CairnVerifier.Roots calldata roots,
        bytes32[] calldata path
    ) private view {
        Head memory before = heads[held];
        if (header.height <= before.height) revert NotNewer(header.height, before.height);
        if (header.epoch < before.epoch) revert EpochLower(header.epoch, before.epoch);
        if (header.timestamp < before.timestamp) revert TimeEarlier(header.timestamp, before.timestamp);
        if (!CairnVerifier.isAncestor(before.height, held, header, roots, path)) revert NotADescendant();
    }

    function accept(bytes32 hash, CairnVerifier.Header calldata header, uint64 index, uint64 run) private {
        heads[hash] = Head({
            height: fitted(header.height),
            epoch: fitted(header.epoch),
            timestamp: fitted(header.timestamp),
            index: index,
            acceptedAt: uint40(block.timestamp)
        });
        newestOf[run] = hash;
        emit HeadAccepted(hash, header.height, index, header.timestamp);
    }

    function fitted(uint64 value) private pure returns (uint48) {
        if (value > type(uint48).max) revert OutOfRange();
        return uint48(value);
    }

    /// @dev The newest head that stands, within so many runs from the top, or `UnwindFirst`.
    function newest(uint64 runs, uint256 steps) private view returns (bytes32 held, uint64 left, bool isLast) {
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
    function isRevoked(uint64 index, uint256 height, bytes32 hash) private view returns (bool) {
        Revoked storage by = revoked[index];
        if (by.extent == Extent.Nothing) return false;
        return by.extent == Extent.All || height + 1 != by.fromHeight || hash != by.parentHash;
    }

    /// @dev Whether a head was accepted, and no revocation says that it was not the chain's: then a valid block may prove it again.
    function isInDoubt(bytes32 hash) private view returns (bool) {
        Head memory each = heads[hash];
        if (each.acceptedAt == 0) return false;
        Revoked storage by = revoked[each.index];
        uint256 above = uint256(each.height) + 1;
        return above < by.fromHeight || (above == by.fromHeight && hash == by.parentHash);
    }

    /// @dev Whether heads were accepted and none stands. Runs that nobody looked at yet may have one.
    function isStuck(Status memory now_) private view returns (bool) {
        if (!now_.hasBegun) return false;
        (bytes32 held, uint64 left,) = newestWithin(now_.runs, STEPS);
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
