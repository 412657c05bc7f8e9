// SPDX-License-Identifier: Apache-2.0
// The kiosk's camera and microphone: open from the waiting room to the end of the meeting, never otherwise, and never twice.
// A device that is pulled out or busy is tried again.
import { closeDevices, openDevices, type Devices } from '../lib/devices';

const RETRY_MS = 5000;

export class Capture {
  private devices: Devices | null = null;
  private wanted = false;
  private opening = false;
  private retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly changed: (devices: Devices | null) => void,
    private readonly open: typeof openDevices = openDevices,
  ) {}

  start(): void {
    if (this.wanted) return;
    this.wanted = true;
    void this.openNow();
  }

  stop(): void {
    this.wanted = false;
    clearTimeout(this.retry);
    if (!this.devices) return;
    closeDevices(this.devices);
    this.devices = null;
    this.changed(null);
  }

  private async openNow(): Promise<void> {
    if (this.opening) return;
    this.opening = true;
    const devices = await this.open({ audio: true, video: true });
    this.opening = false;
    if (!this.wanted) {
      closeDevices(devices);
      return;
    }
    this.devices = devices;
    for (const track of [devices.audio, devices.video]) track?.addEventListener('ended', () => this.again(devices), { once: true });
    this.changed(devices);
    if (!devices.audio || !devices.video) this.retry = setTimeout(() => this.again(devices), RETRY_MS);
  }

  /** Opens anew what `failed` was about; the old devices are let go first. */
  private again(failed: Devices): void {
    if (!this.wanted || this.devices !== failed) return;
    clearTimeout(this.retry);
    closeDevices(failed);
    void this.openNow();
  }
}
