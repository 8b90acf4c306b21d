// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CairnLightClient} from "./CairnLightClient.sol";
import {CairnVerifier} from "./CairnVerifier.sol";

/// @title A vault that pays what a Cairn chain tells it to: an example to copy.
/// @notice It pays each `withdraw` intent of one chain once, to whom the intent names, when the head that proves it has been accepted for
/// long enough. It has no owner, no other way out, and no way to be stopped but the light client's: while that is frozen nothing
/// is paid, and a head that was revoked pays nothing.
/// @dev The data of an intent is `abi.encode(uint256 evmChainId, address vault, address asset, address to, uint256 amount)`, 160 bytes, with
/// the zero address as asset for ether. It names chain and vault, so that two vaults that follow one chain do not both pay it.
contract CairnVault {
    event Paid(uint64 indexed index, address indexed to, address asset, uint256 amount);

    error NotAWithdrawal();
    error ForAnotherVault();
    error PaidAlready(uint64 index);
    /// @notice The head that proves it was accepted too short a time ago.
    error NotFinal(uint256 payableAt);
    error PaymentFailed();
    error NoClient();

    CairnLightClient public immutable client;
    /// @notice How long, in seconds, a head must have been accepted before it pays: the time in which evidence or a revocation stops a payment.
    uint256 public immutable finalityDelay;

    /// @notice Which intents were paid, by their index in the chain.
    mapping(uint64 index => bool) public isPaid;

    bytes32 private constant WITHDRAW = keccak256("withdraw");

    constructor(CairnLightClient client_, uint256 finalityDelay_) {
        if (address(client_).code.length == 0) revert NoClient();
        client = client_;
        finalityDelay = finalityDelay_;
    }

    receive() external payable {}

    /// @notice Pays an intent. Anyone may call it; the money goes to whom the intent names. Where it cannot be paid now (the vault has too
    /// little, or the recipient refuses) nothing changed, and it may be tried again.
    function withdraw(
        CairnLightClient.Ground calldata ground,
        CairnLightClient.Descent[] calldata under,
        CairnVerifier.Intent calldata intent,
        bytes32[] calldata path
    ) external {
        // An index stands for one intent only because the client proves its place, not only that it is somewhere.
        uint256 payableAt = client.verifyIntent(ground, under, intent, path) + finalityDelay;
        if (block.timestamp < payableAt) revert NotFinal(payableAt);
        if (keccak256(bytes(intent.kind)) != WITHDRAW || intent.data.length != 160) revert NotAWithdrawal();
        (uint256 evmChainId, address vault, address asset, address to, uint256 amount) =
            abi.decode(intent.data, (uint256, address, address, address, uint256));
        if (evmChainId != block.chainid || vault != address(this)) revert ForAnotherVault();

        if (isPaid[intent.index]) revert PaidAlready(intent.index);
        // Before the money moves: whoever is called by it finds the intent paid.
        isPaid[intent.index] = true;
        emit Paid(intent.index, to, asset, amount);
        pay(asset, to, amount);
    }

    function pay(address asset, address to, uint256 amount) private {
        bool succeeded;
        if (asset == address(0)) {
            // Nothing of what the recipient answers is copied: it may be as long as it likes.
            assembly ("memory-safe") {
                succeeded := call(gas(), to, amount, 0, 0, 0, 0)
            }
        } else {
            bytes memory transfer = abi.encodeWithSignature("transfer(address,uint256)", to, amount);
            // Tokens answer true, or nothing at all; an address without code answers nothing too, and is no token.
            assembly ("memory-safe") {
                mstore(0x00, 0)
                succeeded := call(gas(), asset, 0, add(transfer, 0x20), mload(transfer), 0x00, 0x20)
                if succeeded {
                    switch returndatasize()
                    case 0 { succeeded := gt(extcodesize(asset), 0) }
                    default { succeeded := and(gt(returndatasize(), 0x1f), eq(mload(0x00), 1)) }
                }
            }
        }
        if (!succeeded) revert PaymentFailed();
    }
}
