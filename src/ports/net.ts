/** The port to other machines: connections over which whole messages go, in order, each way. */
export interface Net {
  /** Takes connections at an address of this machine until it is closed; port 0 is any that is free. */
  listen(address: Address, accept: (connection: Connection) => void): Promise<Listener>
  connect(address: Address): Promise<Connection>
}

export interface Address {
  readonly host: string
  readonly port: number
}

export interface Listener {
  readonly address: Address
  close(): Promise<void>
}

export interface Connection {
  /** Comes back when the other side may be sent more. That it got this one nobody knows. */
  send(message: Uint8Array): Promise<void>
  /** What the other side sent; ends when it closed, fails where the connection broke. */
  readonly messages: AsyncIterable<Uint8Array>
  close(): Promise<void>
}
