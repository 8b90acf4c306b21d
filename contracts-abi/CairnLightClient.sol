// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CairnFreezes} from "./CairnFreezes.sol";
import {CairnStanding} from "./CairnStanding.sol";
import {CairnVerifier} from "./CairnVerifier.sol";

/// @title A light client of one Cairn chain: it holds heads that were sealed and proved to follow one another, and facts are proved against them.
/// @notice What it believes: that whoever the chain's cold key delegated to, and has not revoked here, sealed a head; that every head descends
/// from the one before it; and whatever is proved under such a head, or under a block in its history. It has no owner. Anyone may bring
/// heads, revocations and evidence, for each carries the signatures that it needs.
/// @dev Which heads stand is told in CairnStanding, freezes in CairnFreezes; here heads are brought, and facts are proved against them.
///
/// Times of the chain are milliseconds since 1970, those of the EVM seconds. `acceptedAt`, `thawAt` and the constants are seconds;
/// every other time is milliseconds.
contract CairnLightClient is CairnFreezes {
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
    /// @notice Something stands: `submitBlock` goes on from it.
    error SomethingStands();
    /// @notice No head that was accepted, or none that may still come to stand.
    error NoBase(bytes32 base);
    /// @notice It is no head that stands, nor was it shown to lie under one.
    error NotAccepted(bytes32 blockHash);
    error NotInRange();
    error NotInState();
    error OutOfRange();

    /// @notice How far, in seconds, a block may be dated ahead of the EVM's clock: one that is dated years ahead would bar all honest ones.
    uint256 public constant AHEAD_LIMIT = 1 hours;

    /// @param revocations those that are known: an old key that was stolen may bring the first head else.
    constructor(CairnVerifier.Genesis memory genesis, CairnVerifier.Revocation[] memory revocations)
        CairnStanding(genesis, revocations)
    {}

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
        Status memory current = status;
        if (current.isFrozen) revert Frozen();
        hash = demandValid(header, roots, seal);
        uint64 index = seal.delegation.index;
        if (!current.hasBegun) {
            if (path.length != 0) revert NotADescendant();
            accept(hash, header, index, 0);
            status.hasBegun = true;
            status.runs = 1;
            return hash;
        }
        (bytes32 held, uint64 runs, bool isLast) = newest(current.runs, STEPS);
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
        if (runs + 1 != current.runs) status.runs = runs + 1;
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
        Status memory current = status;
        if (current.isFrozen) revert Frozen();
        (bytes32 held,,) = newest(current.runs, STEPS);
        if (held != bytes32(0)) revert SomethingStands();
        if (!isInDoubt(base)) revert NoBase(base);
        hash = demandValid(header, roots, seal);
        if (hash != base) demandAfter(base, header, roots, path);
        accept(hash, header, seal.delegation.index, 0);
        current.runs = 1;
        // A start afresh that was announced meanwhile is of no more use.
        current.thawAt = 0;
        ++current.round;
        status = current;
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
}
