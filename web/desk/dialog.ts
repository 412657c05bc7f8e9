// SPDX-License-Identifier: Apache-2.0
// What the desk's dialogs have in common: a booking opens one, it keeps its content until it is out of sight, and a second
// opening starts with an empty form. The newest version of the booking is shown while it is open.
import { keyed } from 'lit/directives/keyed.js';
import type { Booking } from '../lib/model';
import { html, nothing, property, state } from '../ui/element';
import type { TemplateResult } from '../ui/element';
import { isOwnEvent } from '../ui/dialog';
import { HjView } from '../staff/view';

export abstract class HjBookingDialog extends HjView {
  @property({ attribute: false }) booking: Booking | null = null;
  @state() protected busy = false;
  @state() protected refusal = '';
  @state() private shown: Booking | null = null;
  private opening = 0;

  protected abstract label(): string;
  protected abstract form(booking: Booking): TemplateResult;
  /** A new opening: forget what the last one left. */
  protected reset(): void {
    this.refusal = '';
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has('booking') || !this.booking) return;
    const before = changed.get('booking') as Booking | null | undefined;
    this.shown = this.booking;
    if (before?.id === this.booking.id) return;
    this.opening += 1;
    this.reset();
  }

  /** The dialog goes; the list is told again when it is out of sight, and takes the focus then. */
  protected leave(): void {
    this.dispatchEvent(new CustomEvent('left'));
  }

  protected acted(booking: Booking, text: string): void {
    this.dispatchEvent(new CustomEvent('acted', { detail: { booking, text } }));
  }

  private wentAway(event: Event): void {
    if (!isOwnEvent(event)) return;
    this.shown = null;
    this.dispatchEvent(new CustomEvent('closed'));
  }

  protected override render() {
    return html`<wa-dialog label=${this.label()} ?open=${this.booking !== null} @wa-after-hide=${this.wentAway}>
      ${this.shown ? keyed(this.opening, this.form(this.shown)) : nothing}</wa-dialog>`;
  }
}
