// SPDX-License-Identifier: Apache-2.0
// Waiting room and meeting in one: the connection is set up while waiting, so that admission only opens the routes.
// What is live is held by lib/call.ts; here stand the devices, the picture and the buttons.
import { ApiProblem, api } from '../lib/api';
import { Call, wantsDevice, type CallView } from '../lib/call';
import { browserName, closeDevices, openDevices, unsupportedReason, type Devices } from '../lib/devices';
import { E2ee } from '../lib/e2ee/session';
import { RefusedWatch, type Refused } from '../lib/flow';
import type { Booking } from '../lib/model';
import { Peer } from '../lib/peer';
import type { EndReason, NoticeView, SeatView } from '../lib/protocol';
import { Signalling, SignallingError } from '../lib/signalling';
import { codePanel, codeTrouble, digitsAgain, e2eeTag, refusedLine, refusedNotice } from '../ui/code-panel';
import { isOwnEvent } from '../ui/dialog';
import { HjElement, customElement, html, nothing, property, state } from '../ui/element';
import { plays, streamOnce } from '../ui/media';
import { problemText } from '../ui/problem';
import { howEnsured } from '../ui/promise';
import { roleName } from '../ui/roles';
import { CodeWatch, changedText, codeStateOf, readers } from '../ui/security-code';
import { confidentialityBanner, findingList, meetingStateTag, notice, tag } from '../ui/shapes';
import { locale, pick, t } from '../ui/text';
import { awayNote, coverText, pictureShows } from '../ui/tile';
import { countDown, formatRange, formatTime, nowUs } from '../ui/time';
import { endReasonText, qualityText, seatStateText } from '../ui/words';
import { isGuest, isOver } from './bookings';
import { faultText, permissionHelp } from './device-check';
import { ensureDevice, forgetDevice, type OwnDevice } from './device-key';
import { unfitNotice } from './encryption';
import { rememberedDevices, revealMemory, seatKeeper, seatMemory } from './remembered';
import { stepHint, stepList, stepOf } from './steps';
import { summary } from './summary';

const BOOKING_EVERY_MS = 4000;
/** A drop shorter than this is not worth an overlay. */
const OVERLAY_AFTER_MS = 1500;
/** Without media for this long while the server answers: the network does not let it through. */
const BLOCKED_AFTER_MS = 8000;
/** Nobody has compared six digits in less. */
const UNREAD_MS = 700;
const END_REASONS: EndReason[] = ['done', 'help', 'fault', 'identity', 'other'];

@customElement('hj-meeting')
export class HjMeeting extends HjElement {
  @property() booking = '';
  /** The reader's own lawyer id. */
  @property() own = '';
  @state() private about: Booking | null = null;
  @state() private call: CallView | null = null;
  @state() private devices: Devices | null = null;
  @state() private muted = false;
  @state() private cameraOff = false;
  @state() private soundBlocked = false;
  @state() private seen = new Set<string>();
  @state() private announcement = '';
  @state() private changed: NoticeView | null = null;
  @state() private asking: 'end' | 'different' | null = null;
  @state() private comparing = false;
  @state() private freshCode = false;
  @state() private refused: Refused = 'none';
  @state() private keyFault: unknown = null;
  @state() private endFault = '';
  @state() private troubleSince: number | null = null;
  @state() private elsewhere = false;
  @state() private unread = false;
  @state() private second = 0;

  private session: { call: Call; signalling: Signalling; peer: Peer } | null = null;
  private registeredAgain = false;
  private refusals = new RefusedWatch();
  private askedEpoch = 0;
  private readonly codes = new CodeWatch();
  private ticker: ReturnType<typeof setInterval> | undefined;
  private bookingTimer: ReturnType<typeof setInterval> | undefined;
  private tabs: BroadcastChannel | null = null;
  private wakeLock: WakeLockSentinel | null = null;

  private readonly onKey = (event: KeyboardEvent) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.repeat) return;
    if (event.code === 'KeyA') this.toggleMicrophone();
    else if (event.code === 'KeyV') this.toggleCamera();
    else return;
    event.preventDefault();
  };
  private readonly onOnline = () => {
    this.session?.signalling.reconnect();
    this.session?.call.networkChanged();
  };
  private readonly onOffline = () => this.requestUpdate();
  /** Something was plugged in or pulled out: what is missing is looked for again. */
  private readonly onDevices = () => {
    const { devices } = this;
    const gone = (track: MediaStreamTrack | null) => !track || track.readyState === 'ended';
    if (devices && (gone(devices.audio) || gone(devices.video))) void this.openDevices();
  };
  private readonly onHide = () => this.session?.signalling.touch();
  private readonly onVisible = () => {
    if (document.visibilityState === 'visible') void this.holdScreen();
  };

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('keydown', this.onKey);
    addEventListener('online', this.onOnline);
    addEventListener('offline', this.onOffline);
    addEventListener('pagehide', this.onHide);
    document.addEventListener('visibilitychange', this.onVisible);
    navigator.mediaDevices?.addEventListener?.('devicechange', this.onDevices);
    this.ticker = setInterval(() => { this.second++; this.watchTrouble(); this.watchRefused(); }, 500);
    queueMicrotask(() => void this.begin());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('keydown', this.onKey);
    removeEventListener('online', this.onOnline);
    removeEventListener('offline', this.onOffline);
    removeEventListener('pagehide', this.onHide);
    document.removeEventListener('visibilitychange', this.onVisible);
    navigator.mediaDevices?.removeEventListener?.('devicechange', this.onDevices);
    clearInterval(this.ticker);
    // Going to another view of the page gives the seat up; a person who only looked elsewhere can come back.
    if (this.session && !this.session.call.over) void this.session.call.leave();
    this.close();
  }

  private close(): void {
    clearInterval(this.bookingTimer);
    closeDevices(this.devices);
    this.devices = null;
    this.tabs?.close();
    this.tabs = null;
    void this.wakeLock?.release();
    this.wakeLock = null;
  }

  private fail(error: unknown): void {
    this.dispatchEvent(new CustomEvent('failed', { detail: error, bubbles: true }));
  }

  private async readBooking(): Promise<void> {
    try {
      this.about = await api.booking(this.booking);
    } catch (error) {
      // While a meeting runs, a hiccup of the list is no news; at the start it is.
      this.unread = !this.about;
      if (!this.about || (error instanceof ApiProblem && error.status === 401)) this.fail(error);
    }
  }

  private async begin(): Promise<void> {
    await this.readBooking();
    // What is over opens neither a seat nor a camera.
    if (!this.isConnected || !this.about || isOver(this.about)) return;
    // Nor does a browser that cannot encrypt.
    if (unsupportedReason() !== null) return;
    this.claimTab();
    this.bookingTimer = setInterval(() => { if (!this.session?.call.over) void this.readBooking(); }, BOOKING_EVERY_MS);
    // The seat and the devices do not wait for each other; tracks are put in when they come.
    await Promise.all([this.enter(), this.openDevices()]);
  }

  /** The seat is taken with the key of this browser. */
  private async enter(): Promise<void> {
    this.keyFault = null;
    let device: OwnDevice;
    try {
      device = await ensureDevice();
    } catch (error) {
      this.keyFault = error;
      closeDevices(this.devices);
      this.devices = null;
      return;
    }
    if (!this.isConnected || this.elsewhere) return;
    this.start(device);
    if (this.devices) void this.sendDevices();
  }

  /** The server does not know this browser's key any more: once, it is registered again. */
  private async registerAgain(): Promise<void> {
    this.registeredAgain = true;
    forgetDevice();
    this.session?.call.stop();
    this.session = null;
    // A code that stands there without its call could be judged, and nothing would happen.
    this.call = null;
    await this.enter();
  }

  /** Two windows must not fight for one seat: the newest has it. */
  private claimTab(): void {
    if (typeof BroadcastChannel === 'undefined') return;
    this.tabs = new BroadcastChannel('huijian-meeting');
    this.tabs.onmessage = (event: MessageEvent) => {
      if (event.data === this.booking) this.yield();
    };
    this.tabs.postMessage(this.booking);
  }

  /** The seat is held in another place now. */
  private yield(): void {
    if (!this.session || this.session.call.over) return;
    this.session.call.stop();
    this.session = null;
    this.elsewhere = true;
    this.close();
  }

  private start(device: OwnDevice): void {
    const peer = new Peer({ changed: (media) => call.peerChanged(media) });
    const call: Call = new Call({
      booking: this.booking,
      device: device.id,
      peer,
      e2ee: (hooks) => new E2ee({ identity: device.identity, role: 'lawyer', reveals: revealMemory, ...hooks }),
      memory: seatMemory(this.booking),
      changed: (view) => this.onCall(view),
      noticed: (news) => this.onNotice(news),
    });
    const signalling = new Signalling({
      url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`,
      hello: async () => ({ ticket: (await api.ticket({ purpose: 'join', booking: this.booking })).ticket }),
      locale,
      keeper: seatKeeper(this.booking),
      ready: (hello, resumed) => {
        if ('you' in hello) peer.useServers(hello.ice_servers);
        void call.ready(resumed);
      },
      changed: (link) => call.linkChanged(link),
      refused: (error) => {
        if (error instanceof SignallingError && error.code === 'taken-over') this.yield();
        else call.refused(error);
      },
    });
    peer.setMuted(this.muted);
    this.session = { call, signalling, peer };
    this.call = call.view;
    this.refusals = new RefusedWatch();
    call.attach(signalling);
    signalling.start();
    void this.holdScreen();
  }

  private async openDevices(): Promise<void> {
    const devices = await openDevices({ audio: true, video: true, ...rememberedDevices() });
    if (!this.isConnected || this.elsewhere || this.keyFault !== null || this.session?.call.over) return closeDevices(devices);
    closeDevices(this.devices);
    this.devices = devices;
    this.applyMutes();
    await this.sendDevices();
  }

  /** A camera that is off sends nothing, not black: the other side is then told so. */
  private async sendDevices(): Promise<void> {
    const { audio = null, video = null } = this.devices ?? {};
    await this.session?.peer.sendTracks(audio, this.cameraOff ? null : video);
  }

  private async holdScreen(): Promise<void> {
    try {
      if (this.session && !this.session.call.over) this.wakeLock = await navigator.wakeLock?.request('screen') ?? null;
    } catch {
      // A browser may refuse (battery); the meeting goes on without.
    }
  }

  private onCall(told: CallView): void {
    const view = this.codes.told(told, Date.now());
    if (wantsDevice(view) && !this.registeredAgain) return void this.registerAgain();
    const before = this.call;
    this.call = view;
    this.watchCode(view);
    if (before?.generation !== view.generation) this.seen = new Set();
    if (view.state === 'live' && before?.state === 'waiting') this.say(t('会见开始。'));
    if (view.ended && !before?.ended) {
      this.say(view.ended.reason === 'cancelled' ? t('预约已取消') : t('会见已结束。'));
      this.asking = null;
      void this.readBooking();
      this.close();
    }
  }

  private onNotice(news: NoticeView): void {
    if (news.kind === 'time-left') this.say(t('会见还剩 {n} 分钟。', { n: news.minutes }));
    if (news.kind === 'record-changed') this.changed = news;
  }

  private say(text: string): void {
    this.announcement = text;
  }

  /** A new code is announced, and asked for again whatever was said of the one before. */
  private watchCode(view: CallView): void {
    const { epoch } = view.e2ee;
    const code = codeStateOf(view.e2ee);
    if (view.state === 'waiting' || (code !== 'shown' && code !== 'changed') || epoch === this.askedEpoch) return;
    this.askedEpoch = epoch;
    this.freshCode = true;
    setTimeout(() => { if (this.askedEpoch === epoch) this.freshCode = false; }, UNREAD_MS);
    this.comparing = false;
    if (this.asking === 'different') this.asking = null;
    this.say(code === 'changed' ? changedText(this.codes.difference) : t('请核对安全码'));
    void this.updateComplete.then(() => this.querySelector('[data-testid=code-panel]')?.scrollIntoView({ block: 'nearest' }));
  }

  private watchRefused(): void {
    if (this.call) this.refused = this.refusals.told(this.call.e2ee, Date.now());
  }

  private judge(verdict: 'same' | 'different'): void {
    const view = this.call;
    this.comparing = false;
    this.asking = null;
    if (view) this.session?.call.judgeCode(verdict, view.e2ee.epoch);
    if (verdict === 'same') this.say(t('您已确认一致'));
  }

  /** The self-view too is dark while the camera is off. */
  private applyMutes(): void {
    this.session?.peer.setMuted(this.muted);
    if (this.devices?.audio) this.devices.audio.enabled = !this.muted;
    if (this.devices?.video) this.devices.video.enabled = !this.cameraOff;
  }

  private toggleMicrophone(): void {
    if (!this.devices?.audio) return;
    this.muted = !this.muted;
    this.applyMutes();
    this.say(this.muted ? t('麦克风已关闭。') : t('麦克风已打开。'));
  }

  private toggleCamera(): void {
    if (!this.devices?.video) return;
    this.cameraOff = !this.cameraOff;
    this.applyMutes();
    void this.sendDevices();
    this.say(this.cameraOff ? t('摄像头已关闭。') : t('摄像头已打开。'));
  }

  private watchTrouble(): void {
    const view = this.call;
    const media = view !== null && view.generation > 0 && view.media !== 'connected' && view.seat !== null;
    const trouble = view !== null && !view.ended && !view.left && (view.link === 'lost' || media);
    if (trouble && this.troubleSince === null) this.troubleSince = Date.now();
    if (!trouble) this.troubleSince = null;
  }

  private async leave(): Promise<void> {
    await this.session?.call.leave();
    this.close();
    location.hash = `#/bookings/${this.booking}`;
  }

  private async end(event: Event): Promise<void> {
    event.preventDefault();
    const reason = String(new FormData(event.target as HTMLFormElement).get('reason') ?? 'done') as EndReason;
    this.endFault = '';
    try {
      await this.session?.call.end(reason);
    } catch (error) {
      this.endFault = error instanceof SignallingError && error.title ? pick(error.title) : t('未能结束会见，请再试一次。');
    }
  }

  private again(): void {
    this.session?.call.stop();
    this.session = null;
    this.elsewhere = false;
    this.registeredAgain = false;
    if (!this.tabs) this.claimTab();
    void this.enter();
    if (!this.devices) void this.openDevices();
  }

  protected override updated(): void {
    // A picture that the browser did not start by itself, e.g. after a reload without a click.
    for (const element of this.querySelectorAll<HTMLMediaElement>('video[data-seat], audio[data-sound-of]')) {
      if (!element.paused || !element.srcObject) continue;
      element.play().catch((error: unknown) => {
        if (error instanceof DOMException && error.name === 'NotAllowedError' && element instanceof HTMLAudioElement) this.soundBlocked = true;
      });
    }
  }

  private allowSound(): void {
    this.soundBlocked = false;
    for (const element of this.querySelectorAll<HTMLAudioElement>('audio[data-sound-of]')) void element.play();
  }

  // ---- What is drawn ----

  private nameOf(seat: SeatView): string {
    return pick(seat.name) || roleName(seat.role === 'kiosk' ? 'detainee' : seat.role);
  }

  private seatList(view: CallView) {
    return html`<ul class="seats" data-testid="seat-list" aria-label=${t('参加人')}>${view.seats.map((seat) => html`
      <li data-testid="seat-${seat.seat}" data-role=${seat.role} data-state=${seat.state}>
        <wa-icon name="person"></wa-icon><span><strong>${this.nameOf(seat)}</strong>${seat.seat === view.seat ? t('（您）') : nothing}<br />
        <span class="hj-small hj-quiet">${roleName(seat.role)} · ${seatStateText(seat.state)}</span></span></li>`)}
      ${view.seats.length === 0 ? html`<li class="hj-quiet">${t('还没有人进入')}</li>` : nothing}</ul>`;
  }

  private tile(seat: SeatView) {
    const stream = this.session?.call.streamOf(seat) ?? null;
    const sound = stream?.getAudioTracks()[0];
    const flow = this.call?.flows[seat.seat];
    const showing = pictureShows(seat, this.seen.has(seat.seat), flow);
    const note = awayNote(seat, flow);
    // Sound has its own element: a video element stays silent until a first picture comes, and some have no camera.
    return html`<figure class="tile" data-showing=${showing} data-testid="tile-${seat.seat}">
      <video data-seat=${seat.seat} autoplay playsinline muted .muted=${true} ${plays(stream)}
        @playing=${() => { this.seen = new Set([...this.seen, seat.seat]); }} aria-label=${t('{name} 的画面', { name: this.nameOf(seat) })}></video>
      <audio data-sound-of=${seat.seat} autoplay ${plays(sound ? streamOnce(sound) : null)}></audio>
      ${showing ? nothing : html`<div class="tile-cover"><wa-icon name=${flow === 'sound' ? 'camera-off' : 'person'}></wa-icon><span data-testid="tile-cover">${coverText(seat, flow, this.call?.state !== 'waiting', this.call?.e2ee)}</span></div>`}
      ${note ? html`<p class="tile-note" role="status" data-testid="tile-note">${note}</p>` : nothing}
      <figcaption>${this.nameOf(seat)} · ${roleName(seat.role)}</figcaption>
    </figure>`;
  }

  private overlay(view: CallView) {
    if (this.troubleSince === null || Date.now() - this.troubleSince < OVERLAY_AFTER_MS) return nothing;
    const seconds = Math.floor((Date.now() - this.troubleSince) / 1000);
    const flowing = view.media === 'connected';
    const reason = !navigator.onLine ? t('您的电脑已断开网络。')
      : flowing ? t('与服务器的联系中断，通话不受影响。')
        : view.link === 'lost' ? t('与服务器的连接中断。') : pick(view.media_fault) || t('音视频连接中断。');
    return html`<div class=${flowing ? 'trouble trouble-small' : 'trouble'} role="alert" data-testid="reconnecting">
      <strong>${t('正在自动重连…')}</strong><span>${reason}</span>
      <span class="hj-small" aria-hidden="true">${t('已 {s} 秒，请不要关闭页面。', { s: seconds })}</span></div>`;
  }

  private timeLeft(view: CallView) {
    if (view.ends_at_us === null) return nothing;
    if (view.state === 'waiting' && view.starts_at_us !== null && view.starts_at_us > nowUs()) {
      return html`<span class="hj-tag hj-number" data-testid="meeting-timeleft"><wa-icon name="clock"></wa-icon>${t('{time} 开始', { time: formatTime(view.starts_at_us) })}</span>`;
    }
    const left = view.ends_at_us - nowUs();
    const tone = left <= 60_000_000 ? 'hj-is-bad' : left <= 300_000_000 ? 'hj-is-warn' : '';
    return html`<span class="hj-tag ${tone} hj-number" data-testid="meeting-timeleft" role="timer"><wa-icon name="clock"></wa-icon>${left > 0
      ? t('剩余 {time}', { time: countDown(left) })
      : t('预约时间已到（{time}）', { time: formatTime(view.ends_at_us) })}</span>`;
  }

  private selfText(): string {
    const devices = this.devices;
    if (!devices) return t('等待允许使用设备');
    const camera = !devices.video ? t('无摄像头') : this.cameraOff ? t('摄像头已关') : '';
    const sound = !devices.audio ? t('无麦克风') : this.muted ? t('已静音') : '';
    return [t('您'), camera, sound].filter(Boolean).join(' · ');
  }

  private controls() {
    const { devices } = this;
    return html`<div class="controls" role="group" aria-label=${t('会见操作')}>
      <button type="button" data-testid="meeting-mute" aria-pressed=${this.muted} aria-keyshortcuts="Alt+A" ?disabled=${!devices?.audio}
        @click=${this.toggleMicrophone}><wa-icon name=${this.muted ? 'microphone-off' : 'microphone'}></wa-icon><span>${!devices?.audio ? t('无麦克风') : this.muted ? t('已静音') : t('静音')}</span><kbd>Alt+A</kbd></button>
      <button type="button" data-testid="meeting-camera" aria-pressed=${this.cameraOff} aria-keyshortcuts="Alt+V" ?disabled=${!devices?.video}
        @click=${this.toggleCamera}><wa-icon name=${this.cameraOff ? 'camera-off' : 'camera'}></wa-icon><span>${!devices?.video ? t('无摄像头') : this.cameraOff ? t('摄像头已关') : t('关摄像头')}</span><kbd>Alt+V</kbd></button>
      <button type="button" data-testid="meeting-leave" @click=${this.leave}><wa-icon name="exit"></wa-icon><span>${t('暂时离开')}</span></button>
      ${this.about && isGuest(this.about, this.own) ? nothing : html`<button type="button" class="hj-danger hj-primary" data-testid="meeting-end" @click=${() => { this.asking = 'end'; this.endFault = ''; }}><wa-icon name="hang-up"></wa-icon><span>${t('结束会见')}</span></button>`}
    </div>`;
  }

  private codeDialog() {
    const close = () => { this.asking = null; };
    return html`<wa-dialog label=${t('安全码不一致？')} ?open=${this.asking === 'different'} @wa-after-hide=${(event: Event) => { if (isOwnEvent(event)) close(); }}>
      <div class="hj-stack">${digitsAgain(this.call?.e2ee.code ?? null)}<p>${t('请先再念一遍，确认不是念错或听错。')}</p>
      <p>${t('如果确实不一致，可能有人夹在中间。确认后，您的声音和画面立即停止，会见结束。')}</p>
      <div class="hj-buttons"><button type="button" @click=${close} data-testid="code-different-back">${t('返回再核对')}</button>
        <button type="button" class="hj-danger hj-primary" data-testid="code-different-confirm" @click=${() => this.judge('different')}>${t('确认不一致，停止会见')}</button></div></div></wa-dialog>`;
  }

  private code(view: CallView, waiting: boolean) {
    return (waiting ? codeTrouble : codePanel)({
      view: view.e2ee, now_ms: Date.now(), unread: this.freshCode, again: this.comparing, difference: this.codes.difference, people: readers(view),
      same: () => this.judge('same'),
      different: () => { this.asking = 'different'; },
      compareAgain: () => { this.comparing = true; },
    });
  }

  private endDialog() {
    return html`<wa-dialog label=${t('结束会见')} ?open=${this.asking === 'end'} @wa-after-hide=${(event: Event) => { if (isOwnEvent(event)) this.asking = null; }}>
      <form @submit=${this.end}>
        <p>${t('结束后，本次会见不能继续。若只是暂时离开，请选择“暂时离开”。')}</p>
        ${this.endFault ? html`<div role="alert">${notice('bad', this.endFault)}</div>` : nothing}
        <fieldset class="hj-field"><legend>${t('结束原因')}</legend>${END_REASONS.map((reason, index) => html`
          <label class="hj-choice"><input type="radio" name="reason" value=${reason} .checked=${index === 0} data-testid="meeting-end-reason-${reason}" />${endReasonText(reason)}</label>`)}</fieldset>
        <div class="hj-buttons"><button type="button" @click=${() => { this.asking = null; }}>${t('继续会见')}</button>
          <button class="hj-danger hj-primary" data-testid="meeting-end-confirm">${t('确认结束')}</button></div>
      </form></wa-dialog>`;
  }

  private deviceNotes() {
    const devices = this.devices;
    if (!devices) return nothing;
    const help = devices.audioFault === 'denied' || devices.videoFault === 'denied' ? permissionHelp(browserName(navigator.userAgent)) : '';
    return html`${devices.audioFault ? notice('bad', faultText(devices.audioFault, 'microphone'), html`${t('没有麦克风，对方听不到您的声音。')} ${help}`) : nothing}
      ${devices.videoFault ? notice('info', faultText(devices.videoFault, 'camera'), html`${t('没有摄像头也可以会见，对方将只听到您的声音。')} ${devices.audioFault ? nothing : help}`) : nothing}
      ${devices.audioFault || devices.videoFault ? html`<p><button type="button" data-testid="device-retry" @click=${this.openDevices}>${t('重新检测设备')}</button></p>` : nothing}`;
  }

  /** The server answers and media does not come: a network that lets no UDP through. */
  private blocked(view: CallView) {
    const long = this.troubleSince !== null && Date.now() - this.troubleSince > BLOCKED_AFTER_MS;
    if (!long || view.link !== 'open' || view.media === 'connected' || view.media_fault || !navigator.onLine) return nothing;
    const target = `${location.hostname}, UDP ${this.session?.peer.target ?? ''}`.trimEnd();
    return html`<div role="alert" data-testid="media-blocked">${notice('bad', t('声音和画面的连接接不通'),
      t('页面能连上平台，但声音和画面走的 UDP 可能被您的网络拦截。请改用其他网络（如手机热点），或请网络管理员允许本机以 UDP 访问本平台（{target}）。系统会继续自动尝试。', { target }))}</div>`;
  }

  private refusedView(view: CallView) {
    const refused = view.refused!;
    return html`<div role="alert" data-testid="join-refused">${notice('bad', pick(refused.title) || t('暂时不能进入（{code}）。', { code: refused.code }), html`
      <div class="hj-buttons">${refused.again ? html`<button type="button" @click=${this.again}>${t('再试一次')}</button>` : nothing}
        <a class="hj-button" href="#/bookings/${this.booking}">${t('预约详情')}</a></div>`)}</div>`;
  }

  private keyFaultView() {
    const { keyFault } = this;
    return html`<h1 tabindex="-1">${t('视频会见')}</h1><div role="alert" data-testid="device-key-fault">${notice('bad', t('此浏览器的设备密钥没有准备好'), html`
      <div class="hj-stack"><p>${keyFault instanceof ApiProblem ? problemText(keyFault) : t('浏览器没有保存密钥。无痕窗口，或禁止网站保存数据的设置，会造成这种情况。请换普通窗口再试。')}</p>
      <div class="hj-buttons"><button type="button" data-testid="device-key-retry" @click=${this.again}>${t('再试一次')}</button>
        <a class="hj-button" href="#/bookings/${this.booking}">${t('预约详情')}</a></div></div>`)}</div>`;
  }

  private room(view: CallView) {
    const step = stepOf(view, this.about);
    const others = view.seats.filter((seat) => seat.seat !== view.seat && seat.state !== 'left');
    const waiting = step !== 'live';
    return html`
      <div class="hj-title"><h1 tabindex="-1">${waiting ? t('等候室') : t('视频会见')}${this.about ? html` · ${pick(this.about.detainee.name)}` : nothing}</h1>
        <div class="hj-row-head">${view.state ? html`<span data-testid="meeting-state" data-state=${view.state}>${meetingStateTag(view.state)}</span>` : nothing}
          ${this.timeLeft(view)}${e2eeTag(view.e2ee)}
          <span data-testid="meeting-quality" data-level=${view.quality ?? 0}>${tag(view.quality === 1 ? 'bad' : view.quality === 2 ? 'warn' : view.quality === 3 ? 'good' : 'plain', qualityText(view.quality))}</span></div></div>
      <div>${confidentialityBanner()}${howEnsured()}</div>
      ${waiting ? html`${stepList(step)}<p role="status" data-testid="waiting-hint">${stepHint(step, view)}</p>` : nothing}${this.code(view, waiting)}
      ${view.unguarded ? html`<div role="alert" data-testid="unguarded">${notice('warn', t('加密没有装上，摄像头和麦克风因此没有接通'), t('没有任何声音和画面发出。系统正在重试；如果持续，请更新浏览器或重新启动它。'))}</div>` : nothing}
      ${waiting ? nothing : refusedNotice(this.refused)}
      ${view.refused ? this.refusedView(view) : nothing}
      ${this.blocked(view)}
      ${this.changed?.kind === 'record-changed' ? html`<div role="alert" data-testid="record-changed">${notice('warn', t('案件记录有变化'), html`${t('会见不会因此自动中断，由看守所民警处理。')}${findingList(this.changed.findings)}`)}</div>` : nothing}
      ${this.soundBlocked ? html`<div role="alert">${notice('warn', t('浏览器没有自动播放声音'), html`<button type="button" class="hj-primary" data-testid="allow-sound" @click=${this.allowSound}>${t('打开声音')}</button>`)}</div>` : nothing}
      <div class="room" data-waiting=${waiting}>
        <div class="stage" data-count=${Math.max(1, others.length)}>
          ${others.length === 0 ? html`<div class="tile"><div class="tile-cover"><wa-icon name="person"></wa-icon><span>${t('等待当事人到位')}</span></div></div>` : others.map((seat) => this.tile(seat))}
          ${this.overlay(view)}
        </div>
        <aside class="side">
          <figure class="tile self"><video data-testid="self-view" autoplay muted playsinline .muted=${true} ${plays(this.devices?.video ? streamOnce(this.devices.video) : null)} aria-label=${t('您的画面')}></video>
            ${this.devices?.video && !this.cameraOff ? nothing : html`<div class="tile-cover"><wa-icon name="camera-off"></wa-icon></div>`}
            <figcaption>${this.selfText()}</figcaption></figure>
          ${this.seatList(view)}
        </aside>
      </div>
      ${this.controls()}
      ${waiting ? nothing : refusedLine(this.refused)}
      ${this.deviceNotes()}
      ${this.about?.starts_at_us != null && this.about.ends_at_us !== null ? html`<p class="hj-quiet hj-small">${t('预约时间：{time}', { time: formatRange(this.about.starts_at_us, this.about.ends_at_us) })}</p>` : nothing}`;
  }

  protected override render() {
    const view = this.call;
    let body;
    if (this.elsewhere) {
      body = html`<h1 tabindex="-1">${t('视频会见')}</h1><div role="alert" data-testid="meeting-elsewhere">${notice('info', t('会见已在另一个窗口或设备上打开'), html`<button type="button" data-testid="meeting-take-back" @click=${this.again}>${t('在此窗口继续')}</button>`)}</div>`;
    } else if (!view && this.about && isOver(this.about)) {
      body = summary(null, this.about);
    } else if (unsupportedReason() !== null) {
      body = html`<h1 tabindex="-1">${t('视频会见')}</h1>${unfitNotice()}<p><a href="#/bookings/${this.booking}">${t('预约详情')}</a></p>`;
    } else if (this.keyFault !== null) {
      body = this.keyFaultView();
    } else if (!view) {
      body = html`<h1 tabindex="-1">${t('等候室')}</h1>${this.unread
        ? html`<p><a href="#/bookings">${t('我的预约')}</a></p>`
        : html`<p class="hj-waiting" role="status">${t('正在进入等候室…')}</p>`}`;
    } else {
      body = view.ended ? summary(view, this.about) : this.room(view);
    }
    return html`${body}${this.endDialog()}${this.codeDialog()}<p class="hj-hidden" role="status" aria-live="assertive" data-testid="announcement">${this.announcement}</p>`;
  }
}
