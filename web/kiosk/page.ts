// SPDX-License-Identifier: Apache-2.0
// The kiosk's one page: holds the agent's link, one call and the devices, and shows the screen that picture.ts names.
import { Call, type CallView } from '../lib/call';
import { unsupportedReason, type Devices } from '../lib/devices';
import { E2ee } from '../lib/e2ee/session';
import { RefusedWatch, type Refused } from '../lib/flow';
import type { Words } from '../lib/model';
import { Peer } from '../lib/peer';
import type { AssignmentView, Incoming, Message, NoticeView, SeatView } from '../lib/protocol';
import { SignallingError } from '../lib/signalling';
import { HjElement, customElement, html, nothing, state, type TemplateResult } from '../ui/element';
import { locale, pick, setLocale, t } from '../ui/text';
import { nowUs } from '../ui/time';
import { AgentLink, type AgentView, type Attachment } from './agent-link';
import { Capture } from './capture';
import { icon } from './icons';
import { ENDED_SHOWN_MS, inTrouble, isTroubled, screenOf, type Known, type Screen } from './picture';
import { CodeWatch, changedText, codeStateOf } from '../ui/security-code';
import { digitsAgain, isAsked } from './code';
import { meetingRoom, waitingRoom, type Room } from './room';
import { newWorker } from './worker';
import { assignedScreen, endedScreen, idleScreen, offlineScreen, takenOverScreen, unapprovedScreen, unfitScreen } from './screens';

const HELP_SHOWN_MS = 20_000;
/** Nobody has compared six digits in less. */
const UNREAD_MS = 700;

@customElement('hj-kiosk')
export class HjKiosk extends HjElement {
  @state() private attachment: Attachment = 'connecting';
  @state() private agent: AgentView | null = null;
  @state() private assignment: AssignmentView | null = null;
  @state() private call: CallView | null = null;
  @state() private devices: Devices | null = null;
  @state() private refusal: Words | null = null;
  @state() private dialog: 'end' | 'help' | 'different' | null = null;
  @state() private endFault = '';
  @state() private announcement = '';
  @state() private seen: ReadonlySet<string> = new Set();
  @state() private now_ms = Date.now();
  @state() private refused: Refused = 'none';
  @state() private freshCode = false;

  private troubleSince: number | null = null;
  private refusals = new RefusedWatch();
  private askedEpoch = 0;
  private codes = new CodeWatch();
  private endedAt = 0;
  private helpTimer: ReturnType<typeof setTimeout> | undefined;
  private meeting: { call: Call; peer: Peer; booking: string } | null = null;
  /** Bookings and meetings whose codes differed. */
  private readonly differed = new Set<string>();
  private readonly capture = new Capture((devices) => this.onDevices(devices));
  private readonly link = new AgentLink({
    url: `ws://${location.host}/agent${location.search}`,
    agent: (agent) => this.onAgent(agent),
    message: (message) => this.onMessage(message),
    changed: (attachment) => this.onAttachment(attachment),
  });

  override connectedCallback(): void {
    super.connectedCallback();
    this.link.start();
    setInterval(() => this.tick(), 1000);
    // Nothing on a kiosk needs a menu, and a long touch must not open one.
    addEventListener('contextmenu', (event) => event.preventDefault());
  }

  private known(): Known {
    const { attachment, agent, assignment, call, now_ms } = this;
    return { attachment, agent, assignment, call, now_ms, unfit: unsupportedReason() !== null, trouble_since: this.troubleSince };
  }

  // ---- What comes in ----

  private onAttachment(attachment: Attachment): void {
    this.attachment = attachment;
    if (attachment === 'taken-over') this.dropMeeting();
    this.passLink();
  }

  private onAgent(agent: AgentView): void {
    const before = this.agent;
    this.agent = agent;
    this.passLink();
    if (!before) void setLocale(agent.locale, false);
    if (agent.state !== 'online' || !this.meeting) return;
    // Over on our side already; the server may not know it yet.
    if (this.meeting.call.over) return void this.meeting.call.ready(agent.seated);
    // Back again: with the seat the media goes on or is set up anew; without it the agent will take one.
    if (agent.seated) void this.meeting.call.ready(true);
    else this.dropMeeting();
  }

  private passLink(): void {
    this.meeting?.call.linkChanged(this.attachment === 'open' && this.agent?.state === 'online' ? 'open' : 'lost');
  }

  private onMessage(message: Incoming): void {
    if (message.verb === 'assign') this.onAssign(message.assignment);
    else if (message.verb === 'join') this.onJoin(message);
    else if (message.verb === 'error' && message.re === undefined) this.refusal = message.title ?? '';
  }

  private onAssign(assignment: AssignmentView | null): void {
    if (assignment?.booking !== this.assignment?.booking) this.refusal = null;
    if (!assignment && !this.meeting) void setLocale(this.agent?.locale ?? 'zh-CN', false);
    this.assignment = assignment;
  }

  /** The agent has taken a seat for us, or tells a page that loaded anew which one it holds. */
  private onJoin(join: Message<'join'>): void {
    // Stopped by a person: neither the server nor the agent begins it again on this page.
    if (this.differed.has(join.booking) || this.differed.has(join.meeting)) return;
    this.refusal = null;
    if (this.meeting?.call.view.seat === join.seat && !this.meeting.call.over) {
      this.meeting.peer.useServers(join.ice_servers);
      void this.meeting.call.ready(true);
      return;
    }
    this.dropMeeting();
    const key = this.agent?.public_key;
    if (!key || unsupportedReason() !== null) return;
    const { meeting, seat, number, starts_at_us, ends_at_us } = join;
    const peer = new Peer({ changed: (media) => call.peerChanged(media) });
    const call: Call = new Call({
      booking: join.booking,
      peer,
      e2ee: (hooks) => new E2ee({ identity: this.link.identity(key), role: 'kiosk', worker: newWorker, ...hooks }),
      memory: { read: () => ({ meeting, seat, number, starts_at_us, ends_at_us, admitted_at_us: null }), write: () => undefined, clear: () => undefined },
      changed: (view) => this.onCall(call, view),
      noticed: (news) => this.onNotice(news),
    });
    this.meeting = { call, peer, booking: join.booking };
    peer.useServers(join.ice_servers);
    this.seen = new Set();
    this.call = call.view;
    this.refusals = new RefusedWatch();
    this.askedEpoch = 0;
    this.codes = new CodeWatch();
    call.attach(this.link.channel());
    this.passLink();
    this.capture.start();
    if (this.devices) void peer.sendTracks(this.devices.audio, this.devices.video);
    void call.ready(true);
  }

  private onCall(call: Call, told: CallView): void {
    if (this.meeting?.call !== call) return;
    const before = this.call;
    const view = this.codes.told(told, Date.now());
    this.call = view;
    if (before?.generation !== view.generation) this.seen = new Set();
    if (view.state === 'live' && before?.state !== 'live') this.say(t('会见开始。'));
    this.watchCode(view);
    if (view.ended && !before?.ended) {
      this.say(t('会见已结束。'));
      this.dialog = null;
      this.endedAt = Date.now();
      this.capture.stop();
    }
  }

  /** A new code is announced, and asked for whatever was said of the one before. */
  private watchCode(view: CallView): void {
    const { e2ee } = view;
    if (view.state === 'waiting' || !isAsked(e2ee) || e2ee.epoch === this.askedEpoch) return;
    this.askedEpoch = e2ee.epoch;
    this.freshCode = true;
    setTimeout(() => { if (this.askedEpoch === e2ee.epoch) this.freshCode = false; }, UNREAD_MS);
    if (this.dialog === 'different') this.dialog = null;
    this.say(codeStateOf(e2ee) === 'changed' ? changedText(this.codes.difference) : t('请和律师互相念这六个数字'));
  }

  private onNotice(news: NoticeView): void {
    if (news.kind === 'time-left') this.say(t('会见还剩 {n} 分钟。', { n: news.minutes }));
  }

  private onDevices(devices: Devices | null): void {
    this.devices = devices;
    if (this.meeting && !this.meeting.call.over) void this.meeting.peer.sendTracks(devices?.audio ?? null, devices?.video ?? null);
  }

  private dropMeeting(): void {
    const meeting = this.meeting;
    this.meeting = null;
    this.call = null;
    this.dialog = null;
    if (meeting && !meeting.call.over) meeting.call.stop();
    this.capture.stop();
  }

  private tick(): void {
    this.now_ms = Date.now();
    if (this.call) this.refused = this.refusals.told(this.call.e2ee, this.now_ms);
    this.troubleSince = inTrouble(this.known()) ? (this.troubleSince ?? this.now_ms) : null;
    if (this.call?.ended && this.now_ms - this.endedAt > ENDED_SHOWN_MS) {
      this.dropMeeting();
      void setLocale(this.agent?.locale ?? 'zh-CN', false);
    }
    for (const video of this.querySelectorAll<HTMLVideoElement>('video[data-seat]')) {
      video.dataset['frames'] = String(video.getVideoPlaybackQuality().totalVideoFrames);
    }
  }

  private say(text: string): void {
    this.announcement = text;
  }

  // ---- What a person does ----

  private async end(): Promise<void> {
    this.endFault = '';
    try {
      await this.meeting?.call.end('done');
    } catch (error) {
      if (this.call?.ended) return;
      this.endFault = error instanceof SignallingError && error.title ? pick(error.title) : t('未能结束会见，请再试一次。');
    }
  }

  private readonly askEnd = () => {
    this.endFault = '';
    this.dialog = 'end';
  };

  private readonly askDifferent = () => {
    this.dialog = 'different';
  };

  private readonly same = () => this.judge('same');

  private judge(verdict: 'same' | 'different'): void {
    this.dialog = null;
    if (verdict === 'different' && this.meeting) {
      this.differed.add(this.meeting.booking);
      if (this.call?.meeting) this.differed.add(this.call.meeting);
    }
    if (this.call) this.meeting?.call.judgeCode(verdict, this.call.e2ee.epoch);
  }

  private readonly askHelp = () => {
    this.dialog = 'help';
    clearTimeout(this.helpTimer);
    this.helpTimer = setTimeout(() => { if (this.dialog === 'help') this.dialog = null; }, HELP_SHOWN_MS);
  };

  private readonly playing = (seat: SeatView) => {
    this.seen = new Set([...this.seen, seat.seat]);
  };

  protected override updated(): void {
    const dialog = this.querySelector('dialog');
    if (dialog && !dialog.open) dialog.showModal();
    for (const element of this.querySelectorAll<HTMLMediaElement>('video[data-seat], audio[data-sound-of]')) {
      if (element.paused && element.srcObject) element.play().catch(() => undefined);
    }
  }

  // ---- What is drawn ----

  private room(screen: Screen, call: CallView): Room {
    return {
      screen, call, assignment: this.assignment, devices: this.devices, seen: this.seen, now_us: nowUs(),
      troubled: isTroubled(this.known()), refused: this.refused, unread: this.freshCode, difference: this.codes.difference,
      streamOf: (seat) => this.meeting?.call.streamOf(seat) ?? null,
      playing: this.playing, askEnd: this.askEnd, askHelp: this.askHelp, same: this.same, askDifferent: this.askDifferent,
    };
  }

  private body(screen: Screen): TemplateResult {
    const now_us = nowUs();
    switch (screen) {
      case 'taken-over': return takenOverScreen();
      case 'offline': return offlineScreen(this.agent?.state === 'refused' && this.attachment === 'open');
      case 'unapproved': return unapprovedScreen(this.agent?.room ?? this.agent?.name ?? null, this.agent?.fingerprint ?? null);
      case 'unfit': return unfitScreen();
      case 'idle': return idleScreen(this.agent?.room ?? this.agent?.name ?? null, now_us);
      case 'assigned': return assignedScreen(this.assignment!, this.refusal, now_us);
      case 'ended': return endedScreen(this.call!, now_us);
      case 'waiting': return waitingRoom(this.room(screen, this.call!));
      case 'live':
      case 'cut-off': return meetingRoom(this.room(screen, this.call!));
    }
  }

  private dialogView(): TemplateResult | typeof nothing {
    const close = () => { this.dialog = null; };
    if (this.dialog === 'help') {
      return html`<dialog class="help" aria-labelledby="dialog-title" @close=${close} data-testid="kiosk-help-text">
        <h2 id="dialog-title">${t('请呼叫民警')}</h2>
        <p>${t('请举手或出声呼叫。会见不会因此中断。')}</p>
        <div class="controls"><button type="button" class="primary" @click=${close}>${t('返回')}</button></div></dialog>`;
    }
    if (this.dialog === 'different') {
      return html`<dialog aria-labelledby="dialog-title" @close=${close}>
        <h2 id="dialog-title">${t('两边的数字真的不一样吗？')}</h2>
        ${digitsAgain(this.call?.e2ee.code ?? null)}
        <p>${t('请再念一遍。如果不一样，会见马上停止。')}</p>
        <div class="controls"><button type="button" class="primary" data-testid="code-different-back" @click=${close}>${t('再念一遍')}</button>
          <button type="button" class="danger" data-testid="code-different-confirm" @click=${() => this.judge('different')}>${icon('cross')}${t('不一样，停止')}</button></div></dialog>`;
    }
    if (this.dialog !== 'end') return nothing;
    return html`<dialog aria-labelledby="dialog-title" @close=${close}>
      <h2 id="dialog-title">${t('要结束会见吗？')}</h2>
      <p>${t('结束后，这次会见不能继续。')}</p>
      ${this.endFault ? html`<p class="problem" role="alert">${this.endFault}</p>` : nothing}
      <div class="controls"><button type="button" class="primary" @click=${close}>${t('继续会见')}</button>
        <button type="button" class="danger" data-testid="kiosk-end-confirm" @click=${this.end}>${t('确认结束')}</button></div></dialog>`;
  }

  protected override render() {
    const screen = screenOf(this.known());
    const english = locale() === 'en';
    return html`<main class="screen" data-testid="kiosk-state" data-state=${screen} data-meeting-state=${this.call?.state ?? nothing}>
        ${this.body(screen)}
        <button type="button" class="language" lang=${english ? 'zh-CN' : 'en'} data-testid="kiosk-language"
          @click=${() => setLocale(english ? 'zh-CN' : 'en', false)}>${english ? '中文' : 'English'}</button>
      </main>
      ${this.dialogView()}
      <p class="hidden" role="status" aria-live="assertive" data-testid="announcement">${this.announcement}</p>`;
  }
}
