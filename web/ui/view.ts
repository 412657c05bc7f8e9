// SPDX-License-Identifier: Apache-2.0
// The base of a view inside a page: reads from the server, reads again while it is on the screen, hands faults to the page.
import { HjElement, html, nothing, type TemplateResult } from './element';
import { t } from './text';

export abstract class HjView extends HjElement {
  /** Milliseconds between readings, 0 for one reading only. */
  protected readonly every_ms: number = 0;
  private timer: ReturnType<typeof setInterval> | undefined;
  private reading = false;
  private unread = false;

  /** Reads what the view shows. A throw becomes a `failed` event. */
  protected abstract read(): Promise<void>;

  override connectedCallback(): void {
    super.connectedCallback();
    // Properties are set after connecting: wait for them.
    queueMicrotask(() => void this.reread());
    if (this.every_ms > 0) {
      this.timer = setInterval(() => {
        if (document.visibilityState === 'visible') void this.reread();
      }, this.every_ms);
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  protected async reread(): Promise<void> {
    if (this.reading || !this.isConnected) return;
    this.reading = true;
    try {
      await this.read();
      this.unread = false;
    } catch (error) {
      this.unread = true;
      this.fail(error);
    } finally {
      this.reading = false;
      this.requestUpdate();
    }
  }

  /** Stands where the view has nothing yet; nothing once reading has failed, for the page then says why. */
  protected loading(): TemplateResult | typeof nothing {
    return this.unread ? nothing : html`<p class="hj-waiting" role="status">${t('正在读取…')}</p>`;
  }

  protected fail(error: unknown): void {
    this.dispatchEvent(new CustomEvent('failed', { detail: error, bubbles: true }));
  }
}
