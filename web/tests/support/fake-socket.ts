// SPDX-License-Identifier: Apache-2.0
// A WebSocket whose other end is the test.

export class FakeSocket {
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  readonly sent: Record<string, unknown>[] = [];
  closed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(code = 1006): void {
    if (this.closed) return;
    this.closed = true;
    this.onclose?.({ code } as CloseEvent);
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) } as MessageEvent);
  }

  /** The last thing said with this verb. */
  last(verb: string): Record<string, unknown> | undefined {
    return this.sent.findLast((message) => message['verb'] === verb);
  }
}
