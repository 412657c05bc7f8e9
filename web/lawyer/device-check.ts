// SPDX-License-Identifier: Apache-2.0
// Device check before a meeting: picture, microphone, speaker, server, encryption. A lawyer without a camera may go on; a
// browser that cannot encrypt is told so days before. The coarse result is kept with the booking.
import { api } from '../lib/api';
import { browserLabel, browserName, browserSupported, closeDevices, openDevices, unsupportedReason, type DeviceFault, type Devices } from '../lib/devices';
import type { Booking, DeviceResult } from '../lib/model';
import { HjElement, customElement, html, nothing, property, state } from '../ui/element';
import { notice, tag } from '../ui/shapes';
import { pick, t } from '../ui/text';
import { formatRange } from '../ui/time';
import { isGuest, isOver } from './bookings';
import { unfit } from './encryption';
import { LevelMeter, playTone } from './level';
import { rememberDevices, rememberedDevices } from './remembered';
import { howLink } from '../ui/promise';
import { plays, streamOnce } from '../ui/media';

/** How to grant camera and microphone again, in the words of the browser at hand. */
export function permissionHelp(browser: string): string {
  switch (browser) {
    case 'chrome':
    case 'edge':
      return t('请点击地址栏左侧的图标，把“摄像头”和“麦克风”改为“允许”，然后重新检测。');
    case 'firefox':
      return t('请点击地址栏左侧的摄像头或麦克风图标，清除“已临时阻止”，然后重新检测。');
    case 'safari':
      return t('请在菜单“Safari 浏览器 → 设置 → 网站”中，把本网站的“摄像头”和“麦克风”改为“允许”，然后重新检测。');
    case '360':
    case 'qianxin':
    case 'uos':
      return t('请切换到“极速模式”，点击地址栏旁的盾牌或锁形图标，允许使用摄像头和麦克风，然后重新检测。');
    case 'ie':
      return t('此浏览器不支持视频会见，请改用新版 Chrome、Edge、Firefox 或 Safari，或国产浏览器的极速模式。');
    default:
      return t('请在浏览器的网站设置中允许本网站使用摄像头和麦克风，然后重新检测。');
  }
}

export function faultText(fault: DeviceFault, what: 'camera' | 'microphone'): string {
  const camera = what === 'camera';
  switch (fault) {
    case 'denied': return camera ? t('浏览器没有允许使用摄像头。') : t('浏览器没有允许使用麦克风。');
    case 'missing': return camera ? t('没有找到摄像头。') : t('没有找到麦克风。');
    case 'busy': return camera ? t('摄像头被其他程序占用。') : t('麦克风被其他程序占用。');
    case 'unsupported': return t('此浏览器不能使用摄像头和麦克风。');
    default: return camera ? t('摄像头无法打开。') : t('麦克风无法打开。');
  }
}

function resultOf(track: MediaStreamTrack | null, fault: DeviceFault | null, worked: boolean): DeviceResult {
  if (track) return worked ? 'ok' : 'skipped';
  return fault === 'missing' ? 'none' : fault ? 'failed' : 'skipped';
}

@customElement('hj-device-check')
export class HjDeviceCheck extends HjElement {
  @property() booking = '';
  /** Which lawyer reads. */
  @property() own = '';
  @state() private about: Booking | null = null;
  @state() private devices: Devices | null = null;
  @state() private opening = false;
  @state() private level = 0;
  @state() private heard = false;
  @state() private playing = false;
  @state() private speaker: DeviceResult = 'skipped';
  @state() private connection: DeviceResult | 'testing' = 'testing';
  @state() private choices: MediaDeviceInfo[] = [];
  @state() private busy = false;
  private meter: LevelMeter | null = null;
  private loudSamples = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    queueMicrotask(() => void this.begin());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.close();
  }

  private close(): void {
    this.meter?.close();
    this.meter = null;
    closeDevices(this.devices);
    this.devices = null;
  }

  private fail(error: unknown): void {
    this.dispatchEvent(new CustomEvent('failed', { detail: error, bubbles: true }));
  }

  private async begin(): Promise<void> {
    try {
      this.about = await api.booking(this.booking);
    } catch (error) {
      this.fail(error);
      return;
    }
    // A booking that is over needs no camera.
    if (!this.isConnected || isOver(this.about)) return;
    void this.testConnection();
    await this.open();
  }

  private async testConnection(): Promise<void> {
    this.connection = 'testing';
    try {
      await api.health();
      this.connection = 'ok';
    } catch {
      this.connection = 'failed';
    }
  }

  private async open(): Promise<void> {
    if (this.opening) return;
    this.opening = true;
    this.close();
    this.heard = false;
    this.loudSamples = 0;
    const devices = await openDevices({ audio: true, video: true, ...rememberedDevices() });
    this.opening = false;
    if (!this.isConnected) return closeDevices(devices);
    this.devices = devices;
    if (devices.audio) {
      this.meter = new LevelMeter(devices.audio, (level) => {
        this.level = level;
        // A click is not a voice: a few loud samples are wanted.
        if (level > 0.25 && ++this.loudSamples >= 3) this.heard = true;
      });
    }
    this.choices = await navigator.mediaDevices?.enumerateDevices?.().catch(() => []) ?? [];
  }

  private choose(kind: 'audioId' | 'videoId', event: Event): void {
    rememberDevices({ ...rememberedDevices(), [kind]: (event.target as HTMLSelectElement).value });
    void this.open();
  }

  private async tone(): Promise<void> {
    this.playing = true;
    try {
      await playTone();
    } catch {
      this.speaker = 'failed';
    } finally {
      this.playing = false;
    }
  }

  private async finish(): Promise<void> {
    const devices = this.devices;
    this.busy = true;
    try {
      // The result stands for the booking's own lawyer; who takes part checks for oneself.
      if (this.about && isGuest(this.about, this.own)) {
        location.hash = `#/bookings/${this.booking}`;
        return;
      }
      await api.deviceCheck(this.booking, {
        camera: resultOf(devices?.video ?? null, devices?.videoFault ?? null, true),
        microphone: resultOf(devices?.audio ?? null, devices?.audioFault ?? null, this.heard),
        speaker: this.speaker,
        connection: !browserSupported() ? 'failed' : this.connection === 'testing' ? 'skipped' : this.connection,
        browser: `${browserLabel(navigator.userAgent)}${unsupportedReason() === 'encryption' ? ', no encryption' : ''}`,
      });
      location.hash = `#/bookings/${this.booking}`;
    } catch (error) {
      this.fail(error);
    } finally {
      this.busy = false;
    }
  }

  private picker(kind: 'audioinput' | 'videoinput', name: 'audioId' | 'videoId', label: string, current: MediaStreamTrack | null | undefined) {
    const some = this.choices.filter((one) => one.kind === kind && one.deviceId);
    if (some.length < 2) return nothing;
    const id = current?.getSettings().deviceId;
    return html`<div class="hj-field"><label for=${name}>${label}</label><select id=${name} @change=${(event: Event) => this.choose(name, event)}>
      ${some.map((one) => html`<option value=${one.deviceId} ?selected=${one.deviceId === id}>${one.label || one.deviceId}</option>`)}</select></div>`;
  }

  private help(fault: DeviceFault | null | undefined, what: 'camera' | 'microphone') {
    if (!fault) return nothing;
    return notice(what === 'camera' ? 'warn' : 'bad', faultText(fault, what), html`
      ${fault === 'denied' || fault === 'unsupported' ? html`<p>${permissionHelp(browserName(navigator.userAgent))}</p>` : nothing}
      ${what === 'camera' ? html`<p>${t('没有摄像头也可以会见，对方将只听到您的声音。')}</p>` : html`<p>${t('没有麦克风，对方听不到您的声音。')}</p>`}
      <p><button type="button" class="hj-slim" @click=${this.open}>${t('重新检测')}</button></p>`);
  }

  private cameraCard() {
    const devices = this.devices;
    return html`<section class="hj-card" aria-labelledby="check-camera" data-testid="device-camera" data-result=${resultOf(devices?.video ?? null, devices?.videoFault ?? null, true)}>
      <div class="hj-row-head"><h2 id="check-camera"><wa-icon name="camera"></wa-icon> ${t('摄像头')}</h2>
        ${devices?.video ? tag('good', t('正常')) : devices?.videoFault ? tag('warn', t('不可用')) : tag('plain', t('等待允许'))}</div>
      ${devices?.video ? html`<video class="preview" autoplay muted playsinline ${plays(streamOnce(devices.video))} aria-label=${t('您的画面')}></video>`
        : html`<div class="preview preview-empty" aria-hidden="true"><wa-icon name="camera-off"></wa-icon></div>`}
      ${this.help(devices?.videoFault, 'camera')}
      ${this.picker('videoinput', 'videoId', t('选择摄像头'), devices?.video)}
    </section>`;
  }

  private microphoneCard() {
    const devices = this.devices;
    return html`<section class="hj-card" aria-labelledby="check-microphone" data-testid="device-microphone" data-result=${resultOf(devices?.audio ?? null, devices?.audioFault ?? null, this.heard)}>
      <div class="hj-row-head"><h2 id="check-microphone"><wa-icon name="microphone"></wa-icon> ${t('麦克风')}</h2>
        ${this.heard ? tag('good', t('已听到声音')) : devices?.audio ? tag('info', t('请说几句话')) : devices?.audioFault ? tag('bad', t('不可用')) : tag('plain', t('等待允许'))}</div>
      ${devices?.audio ? html`<p>${t('请用平常的音量说话，看音量条是否移动。')}</p>
        <meter class="level" min="0" max="1" low="0.25" optimum="0.6" .value=${this.level} aria-label=${t('麦克风音量')}></meter>` : nothing}
      ${this.help(devices?.audioFault, 'microphone')}
      ${this.picker('audioinput', 'audioId', t('选择麦克风'), devices?.audio)}
    </section>`;
  }

  private speakerCard() {
    return html`<section class="hj-card" aria-labelledby="check-speaker" data-testid="device-speaker" data-result=${this.speaker}>
      <div class="hj-row-head"><h2 id="check-speaker"><wa-icon name="speaker"></wa-icon> ${t('扬声器')}</h2>
        ${this.speaker === 'ok' ? tag('good', t('正常')) : this.speaker === 'failed' ? tag('bad', t('没有听到')) : tag('plain', t('未检测'))}</div>
      <div class="hj-buttons"><button type="button" data-testid="device-speaker-play" ?disabled=${this.playing} @click=${this.tone}>${this.playing ? t('正在播放…') : t('播放测试音')}</button></div>
      <fieldset><legend>${t('听到三声提示音了吗？')}</legend><div class="hj-buttons">
        <button type="button" class="hj-slim" aria-pressed=${this.speaker === 'ok'} data-testid="device-speaker-yes" @click=${() => { this.speaker = 'ok'; }}>${t('听到了')}</button>
        <button type="button" class="hj-slim" aria-pressed=${this.speaker === 'failed'} data-testid="device-speaker-no" @click=${() => { this.speaker = 'failed'; }}>${t('没听到')}</button></div></fieldset>
      ${this.speaker === 'failed' ? html`<p>${t('请检查音量是否过低、是否静音、耳机是否插好，然后再播放一次。')}</p>` : nothing}
    </section>`;
  }

  private connectionCard() {
    return html`<section class="hj-card" aria-labelledby="check-connection" data-testid="device-connection" data-result=${this.connection}>
      <div class="hj-row-head"><h2 id="check-connection"><wa-icon name="signal"></wa-icon> ${t('与平台的连接')}</h2>
        ${this.connection === 'ok' ? tag('good', t('正常')) : this.connection === 'failed' ? tag('bad', t('不正常')) : tag('plain', t('检测中'))}</div>
      <p class="hj-quiet">${t('这里只检测能否连上平台；声音和画面的连接在进入等候室时检测。')}</p>
      ${this.connection === 'failed' ? html`<p>${t('无法连接服务器，请检查网络。')}</p><button type="button" class="hj-slim" @click=${this.testConnection}>${t('重新检测')}</button>` : nothing}
    </section>`;
  }

  private encryptionCard() {
    const reason = unsupportedReason();
    return html`<section class="hj-card" aria-labelledby="check-encryption" data-testid="device-encryption" data-result=${reason === null ? 'ok' : 'failed'}>
      <div class="hj-row-head"><h2 id="check-encryption"><wa-icon name="lock"></wa-icon> ${t('加密')}</h2>${reason === null ? tag('good', t('正常')) : tag('bad', t('不正常'))}</div>
      ${reason === null ? html`<p>${t('此浏览器能把声音和画面加密到对方的设备，可以用来会见。')}</p>` : unfit(reason)}
      <p>${howLink()}</p>
    </section>`;
  }

  protected override render() {
    const about = this.about;
    return html`
      <a class="hj-back" href="#/bookings/${this.booking}"><wa-icon name="back"></wa-icon>${t('预约详情')}</a>
      <h1 tabindex="-1">${t('设备检测')}</h1>
      ${about ? isOver(about) ? notice('info', t('这次会见已结束或已取消，不需要检测设备。')) : this.checks(about) : nothing}`;
  }

  private checks(about: Booking) {
    return html`
      ${about.starts_at_us !== null && about.ends_at_us !== null
        ? html`<p>${t('与 {name} 的会见：{time}', { name: pick(about.detainee.name), time: formatRange(about.starts_at_us, about.ends_at_us) })}</p>` : nothing}
      <p class="hj-quiet">${isGuest(about, this.own) ? t('画面和声音只在您的电脑上使用，不会上传。') : t('画面和声音只在您的电脑上使用，不会上传。检测结果随预约保存。')}</p>
      <div class="check-grid">${this.cameraCard()}${this.microphoneCard()}${this.speakerCard()}${this.encryptionCard()}${this.connectionCard()}</div>
      <div class="hj-buttons"><button type="button" class="hj-primary" data-testid="device-finish" ?disabled=${this.busy || this.opening} @click=${this.finish}>${t('完成检测')}</button>
        ${about.can.includes('join') ? html`<a class="hj-button" href="#/meeting/${this.booking}" data-testid="booking-join">${t('进入会见')}</a>` : nothing}</div>`;
  }
}
