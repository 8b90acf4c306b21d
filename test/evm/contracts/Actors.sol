// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title A recipient that, while it is paid, asks the vault to pay the same again, or something else, or answers with more than anyone wants.
contract GreedyRecipient {
    address public immutable vault;
    bytes public again;
    uint256 public received;
    uint256 public succeeded;

    constructor(address vault_) {
        vault = vault_;
    }

    function whenPaid(bytes calldata call) external {
        again = call;
    }

    receive() external payable {
        ++received;
        if (again.length == 0 || received > 3) return;
        (bool ok,) = vault.call(again);
        if (ok) ++succeeded;
    }
}

/// @title A recipient that refuses money for as long as it likes.
contract RefusingRecipient {
    bool public isOpen;

    function open() external {
        isOpen = true;
    }

    receive() external payable {
        require(isOpen, "closed");
    }
}

/// @title A recipient that answers with a megabyte.
contract LoudRecipient {
    fallback() external payable {
        assembly {
            return(0, 1000000)
        }
    }
}

/// @title A token that answers as some do: with nothing (0), true (1) or false (2).
contract OddToken {
    uint256 public immutable manner;
    mapping(address => uint256) public balanceOf;

    constructor(uint256 manner_) {
        manner = manner_;
    }

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function transfer(address to, uint256 amount) external {
        if (manner != 2) {
            balanceOf[msg.sender] -= amount;
            balanceOf[to] += amount;
        }
        if (manner == 0) return;
        uint256 answer = manner == 1 ? 1 : 0;
        assembly {
            mstore(0, answer)
            return(0, 32)
        }
    }
}

/// @title Says that it anchored a root, as anyone can write a contract to say: nothing of it is kept, nor its time.
contract AnchorForger {
    event Anchored(bytes32 indexed root, address indexed publisher, string uri);

    function anchor(bytes32 root, string calldata uri) external {
        emit Anchored(root, msg.sender, uri);
    }
}
