// SPDX-License-Identifier: Apache-2.0
// Asks again every few seconds while the page is in sight, one question at a time, and knows since when answers fail.
import type { ReactiveController, ReactiveControllerHost } from 'lit';

export class Poll implements ReactiveController {
  /** Set while the last question failed; the first failure's error. */
  failing: unknown = null;
  /** Date.now() of the last good answer; null before the first. */
  answeredAt: number | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private asking = false;
  private again = false;
  private connected = false;

  /**
   * `ask` throws when there is no answer; `failed` is told each time (it decides what a lost session means).
   */
  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly ask: () => Promise<void>,
    private readonly failed: (error: unknown) => void = () => undefined,
    private readonly everyMs = 5000,
  ) {
    host.addController(this);
  }

  private readonly onVisible = () => {
    if (document.visibilityState === 'visible') void this.now();
    else this.stop();
  };

  hostConnected(): void {
    this.connected = true;
    document.addEventListener('visibilitychange', this.onVisible);
    void this.now();
  }

  hostDisconnected(): void {
    this.connected = false;
    document.removeEventListener('visibilitychange', this.onVisible);
    this.stop();
  }

  /** Asks now. A question under way is not doubled; it is asked once more when it is over. */
  async now(): Promise<void> {
    if (this.asking) {
      this.again = true;
      return;
    }
    this.stop();
    this.asking = true;
    try {
      do {
        this.again = false;
        await this.ask();
      } while (this.again && this.connected);
      this.answeredAt = Date.now();
      this.failing = null;
    } catch (error) {
      this.failing ??= error;
      this.failed(error);
    } finally {
      this.asking = false;
      this.host.requestUpdate();
      if (this.connected && document.visibilityState !== 'hidden') this.timer = setTimeout(() => void this.now(), this.everyMs);
    }
  }

  private stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
