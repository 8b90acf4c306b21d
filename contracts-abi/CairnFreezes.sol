// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CairnStanding} from "./CairnStanding.sol";
import {CairnVerifier} from "./CairnVerifier.sol";

/// @title How a light client is frozen, and how the cold key alone lifts that: the part of it that takes evidence.
/// @notice Anyone may bring evidence of equivocation. What comes after it is slow, so that everybody sees it coming.
abstract contract CairnFreezes is CairnStanding {
    /// @notice Sealed blocks contradict each other. It froze the client, unless a revocation explains it.
    event Equivocation(uint64 indexed height, bytes32 blockHashA, bytes32 blockHashB, bool isExplained);
    /// @notice The cold key wants the freeze lifted. Whoever disagrees has until then, in seconds, to leave or to bring evidence.
    event ThawAnnounced(uint64 indexed round, uint256 thawAt, bool afresh);
    event Thawed(uint64 indexed round);

    error NotFrozen();
    /// @notice The two sides say different things of no height.
    error NoContradiction();
    error ThawNotAnnounced();
    error ThawAnnouncedAlready(uint256 thawAt);
    error ThawTooEarly(uint256 thawAt);

    /// @notice For how long, in seconds, everybody sees that a freeze will be lifted before it is.
    uint256 public constant THAW_DELAY = 14 days;
    bytes32 private constant THAW_TYPE =
        keccak256("CairnThaw(string chain,uint256 evmChainId,address client,uint64 round,bool afresh)");

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
        Status memory current = status;
        current.isFrozen = true;
        // Also while it is frozen: what contradicts the chain in another way takes back a thaw that was announced.
        current.thawAt = 0;
        ++current.round;
        status = current;
    }

    /// @notice The cold key's word that the client shall go on after a freeze. Revoke the keys that contradicted themselves first: evidence
    /// that no revocation explains takes it back.
    /// @param afresh where nothing stands when it is lifted, the next head is the first again; it may be announced without a freeze, too
    /// @param signature of the cold key over `CairnThaw(chain, evmChainId, client, round, afresh)` in the chain's domain
    function announceThaw(bool afresh, bytes calldata signature) external {
        Status memory current = status;
        if (!current.isFrozen && !(afresh && isStuck(current))) revert NotFrozen();
        if (!CairnVerifier.isSignedBy(coldKey, thawDigest(current.round, afresh), signature)) revert NotByColdKey();
        // Announced once: who repeats it does not move the time.
        if (current.thawAt != 0) revert ThawAnnouncedAlready(current.thawAt);
        current.thawAt = uint40(block.timestamp + THAW_DELAY);
        current.isAfresh = afresh;
        status = current;
        emit ThawAnnounced(current.round, current.thawAt, afresh);
    }

    /// @notice Lifts the freeze once everybody had the time to see it coming. Anyone may call it.
    function thaw() external {
        Status memory current = status;
        if (current.thawAt == 0) revert ThawNotAnnounced();
        if (block.timestamp < current.thawAt) revert ThawTooEarly(current.thawAt);
        if (current.isAfresh && isStuck(current)) {
            current.hasBegun = false;
            current.runs = 0;
        }
        current.isFrozen = false;
        current.thawAt = 0;
        emit Thawed(current.round);
        ++current.round;
        status = current;
    }

    /// @notice What the cold key signs to lift the freeze of this round.
    function thawDigest(uint64 round, bool afresh) public view returns (bytes32) {
        return CairnVerifier.typedDigest(
            domain, keccak256(abi.encode(THAW_TYPE, nameHash, block.chainid, address(this), round, afresh))
        );
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
}
