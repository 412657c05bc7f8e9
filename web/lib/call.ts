// SPDX-License-Identifier: Apache-2.0
// A seat in a meeting from the page's side: joins, agrees on keys, sets the media up before admission, keeps all alive through
// drops, and tells one picture of it (`view`). The socket, the peer and the encryption come in from outside. No DOM.
import { ApiProblem } from './api';
import type { E2eeOptions, E2eeSession, E2eeView, Verdict } from './e2ee/types';
import { FlowWatch, isOpen, type Arrived, type Flow } from './flow';
import { UnguardedError, type Guard } from './leg';
import type { MeetingState, Words } from './model';
import { slotOf, type EndReason, type IceServerView, type Incoming, type Message, type NoticeView, type SeatView, type Verb } from './protocol';
import { Playout } from './playout';
import { qualityBetween, type PeerState, type PeerStats, type QualityLevel } from './peer';
import { SignallingError, type LinkState } from './signalling';

/** What of Signalling is needed here. */
export interface Channel {
  on<V extends Verb>(verb: V, handler: (message: Message<V>) => void): () => void;
  send(message: object): boolean;
  request(message: object, limit_ms?: number): Promise<Incoming>;
  keepSeat(token: string): void;
  close(keepSeat?: boolean): void;
}

/** What of Peer is needed here. */
export interface MediaPeer {
  readonly state: PeerState;
  guardWith(guard: Guard): void;
  useServers(servers?: readonly IceServerView[]): void;
  passing(sender: RTCRtpSender): void;
  opened(receiver: RTCRtpReceiver): boolean;
  isGuarded(): Promise<boolean>;
  setLive(live: boolean): void;
  silence(): void;
  offer(): Promise<string>;
  answer(sdp: string): Promise<void>;
  stats(): Promise<PeerStats>;
  follow(estimate_bps: number | null, sent_bps: number | null): void;
  wait(ms: number | null): void;
  arrived(slot: number): Promise<Arrived>;
  streamOf(slot: number): MediaStream | null;
  close(): void;
}

export interface CallView {
  link: LinkState;
  media: PeerState;
  /** null until the server took us in. */
  state: MeetingState | null;
  meeting: string | null;
  seat: string | null;
  number: number;
  seats: SeatView[];
  admitted: boolean;
  /** When this page saw the admission; null before. */
  admitted_at_us: number | null;
  starts_at_us: number | null;
  ends_at_us: number | null;
  quality: QualityLevel | null;
  /** Why the last offer failed, in the server's words; null when it did not. */
  media_fault: Words | null;
  /** The encryption could not be put on the last connection: nothing was attached, it is tried again. */
  unguarded: boolean;
  e2ee: E2eeView;
  ended: { reason: string | null; by: string | null; at_us: number | null } | null;
  /** Why we are not in, and whether trying again makes sense. */
  refused: { code: string; title: Words | null; again: boolean } | null;
  left: boolean;
  /** Went up with every offer: streams are new. */
  generation: number;
  /** What comes from each of the others and opens, by seat, since the last offer; none before it was looked at. */
  flows: Readonly<Record<string, Flow>>;
}

/** The page shows the meeting itself, with the code, and not the waiting room. */
function isOnScreen(view: CallView): boolean {
  return view.admitted && (view.state === 'live' || view.state === 'cut_off') && view.ended === null && !view.left;
}

/** The server does not know the device any more. What is over begins nothing anew, whatever the server says. */
export function wantsDevice(view: CallView): boolean {
  return view.refused?.code === 'device' && view.ended === null && view.state !== 'ended' && !view.left && view.e2ee.verdict !== 'different';
}

/** Something comes from the others, whatever became of the signalling. */
export function mediaFlows(view: CallView): boolean {
  return Object.values(view.flows).some(isOpen);
}

export type SeatPlace = Pick<CallView, 'number' | 'starts_at_us' | 'ends_at_us'> &
  Partial<Pick<CallView, 'admitted_at_us'>> & { meeting: string; seat: string };

/** What a seat needs to know after a reload, besides its token. */
export interface SeatMemory {
  read(): SeatPlace | null;
  write(place: SeatPlace): void;
  clear(): void;
}

/** What a session tells its call. */
export type E2eeHooks = Required<Pick<E2eeOptions, 'send' | 'secured' | 'changed' | 'passing' | 'opened'>>;

export interface CallOptions {
  booking: string;
  /** The registered device of this browser; a kiosk has none to name. */
  device?: string;
  peer: MediaPeer;
  /** Called once: the one session of this stay. */
  e2ee: (hooks: E2eeHooks) => E2eeSession;
  memory?: SeatMemory;
  changed: (view: CallView) => void;
  noticed?: (notice: NoticeView) => void;
  /** Called with each sample, for tests and the curious. */
  sampled?: (stats: PeerStats) => void;
}

/** The relay answers an offer at once: later than this, the socket is dead. */
const OFFER_MS = 5000;
const OFFER_RETRY_MS = [0, 1000, 2000, 4000, 5000];
const SAMPLE_MS = 2000;
const FLOW_MS = 500;
/** After the socket is back, ICE gets this long to come back by itself. */
const ICE_GRACE_MS = 2000;
/** Disconnected for this long while the socket lives: the path is gone. */
const ICE_LOST_MS = 6000;
/** That the codes differ is told to the server again and again for as long as the seat may be taken again. */
const VERDICT_MS = 60_000;
const VERDICT_RETRY_MS = 2000;
/** Of SignallingError: the server has not heard us, or we not it. */
const UNHEARD = ['unreachable', 'timeout'];

const NOT_YET: E2eeView = {
  state: 'starting', epoch: 0, code: null, verdict: null, changed: false, agreeing_since: null, refused: 0, refusal: null, dropped: 0, dropped_at: null,
};

export class Call {
  private channel: Channel | null = null;
  private readonly stops: (() => void)[] = [];
  private offerTimer: ReturnType<typeof setTimeout> | undefined;
  private sampleTimer: ReturnType<typeof setInterval> | undefined;
  private flowTimer: ReturnType<typeof setInterval> | undefined;
  private readonly watches = new Map<string, FlowWatch>();
  private offering = false;
  private offerAgain = false;
  private offerFailures = 0;
  private last: PeerStats | null = null;
  private readonly playout = new Playout();
  private toldLevel: QualityLevel | null = null;
  private candidateLevel: QualityLevel | null = null;
  private readonly e2ee!: E2eeSession;
  private roster: Message<'seats'> | null = null;
  /** What the person said of the code and the server has not confirmed yet. */
  private verdict: { epoch: number; result: Verdict } | null = null;
  private verdictTimer: ReturnType<typeof setTimeout> | undefined;
  private haltTimer: ReturnType<typeof setTimeout> | undefined;
  private halted = false;
  /** The last epoch whose code stood on the live screen; 0 when that was left. */
  private shownEpoch = 0;
  private picture: CallView = {
    link: 'connecting', media: 'new', state: null, meeting: null, seat: null, number: -1, seats: [], admitted: false,
    admitted_at_us: null, starts_at_us: null, ends_at_us: null, quality: null, media_fault: null, unguarded: false, e2ee: NOT_YET, ended: null, refused: null, left: false, generation: 0, flows: {},
  };

  constructor(private readonly options: CallOptions) {
    const { peer } = options;
    this.e2ee = options.e2ee({
      send: (to, body) => this.channel?.send({ verb: 'key', ...(to === null ? {} : { to }), body }) ?? false,
      secured: (epoch) => void this.channel?.send({ verb: 'secured', epoch }),
      changed: (e2ee) => { if (this.e2ee) this.set({ e2ee }); },
      passing: (sender) => peer.passing(sender),
      opened: (receiver) => { if (peer.opened(receiver)) this.set({}); },
    });
    this.picture = { ...this.picture, e2ee: this.e2ee.view };
    peer.guardWith(this.e2ee);
    this.heedEncryption();
  }

  get view(): CallView {
    return this.picture;
  }

  get over(): boolean {
    return this.picture.ended !== null || this.picture.left;
  }

  attach(channel: Channel): void {
    this.channel = channel;
    this.stops.push(
      channel.on('seats', (message) => this.onSeats(message)),
      channel.on('key', (message) => { if (message.meeting === this.picture.meeting) this.e2ee.received(message.from, message.body); }),
      channel.on('admit', (message) => this.onAdmit(message)),
      channel.on('end', (message) => this.onEnd(message)),
      channel.on('notice', (message) => this.onNotice(message)),
    );
    this.sampleTimer = setInterval(() => void this.sample(), SAMPLE_MS);
    this.flowTimer = setInterval(() => void this.watchFlows(), FLOW_MS);
  }

  /** The socket is up and we are known: take the seat, or go on in it. */
  async ready(resumed: boolean): Promise<void> {
    if (this.over) return void this.tellVerdict();
    const known = this.picture.seat ? this.picture : resumed ? this.options.memory?.read() : null;
    if (resumed && known) {
      if (!this.picture.seat) {
        const { meeting, seat, number, starts_at_us, ends_at_us, admitted_at_us = null } = known;
        this.set({ meeting, seat, number, starts_at_us, ends_at_us, admitted_at_us, refused: null });
      }
      this.speakAgain();
      // Media lives apart from the socket. Only where it does not come back by itself it is set up anew.
      this.planOffer(['new', 'failed'].includes(this.options.peer.state) ? 0 : ICE_GRACE_MS, true);
      return;
    }
    await this.join();
  }

  linkChanged(link: LinkState): void {
    this.set({ link });
  }

  refused(error: unknown): void {
    if (this.over) return;
    const code = error instanceof SignallingError || error instanceof ApiProblem ? error.code : 'unknown';
    const title = error instanceof SignallingError || error instanceof ApiProblem ? error.title || null : null;
    this.set({ refused: { code, title, again: code !== 'sign-in' } });
  }

  peerChanged(media: PeerState): void {
    this.set({ media });
    if (this.over) return;
    if (media === 'connected') this.offerFailures = 0;
    if (media === 'failed') this.planOffer(0, false);
    if (media === 'disconnected') this.planOffer(ICE_LOST_MS, true);
  }

  /** The network came back or changed: does media still flow? */
  networkChanged(): void {
    if (this.picture.seat && !this.over) this.planOffer(ICE_GRACE_MS, true);
  }

  streamOf(seat: SeatView): MediaStream | null {
    const { number } = this.picture;
    return seat.number === number || number < 0 ? null : this.options.peer.streamOf(slotOf(seat.number, number));
  }

  /**
   * What the person says of the code of `epoch`, which they saw. *Different* stops our media at once, whatever becomes of the
   * word to the server; *same* of a code that has changed meanwhile counts for nothing.
   */
  judgeCode(verdict: Verdict, epoch: number): void {
    if (this.over || (verdict === 'same' && epoch !== this.e2ee.view.epoch)) return;
    this.verdict = { epoch, result: verdict };
    if (verdict === 'different') this.halt();
    else this.e2ee.judge(verdict);
    void this.tellVerdict();
  }

  /** Gives the seat up for now; the meeting waits. */
  async leave(): Promise<void> {
    try {
      await this.channel?.request({ verb: 'leave' });
    } catch {
      // Without a socket the server notices by itself that this seat is gone.
    }
    this.set({ left: true });
    this.stop();
  }

  /** Ends the meeting for all. Throws when the server refuses or does not hear. */
  async end(reason: EndReason): Promise<void> {
    try {
      await this.channel?.request({ verb: 'end', reason });
    } catch (error) {
      // The end reaches every seat as an event and closes the socket; the question itself may stay without an answer.
      if (!this.picture.ended) throw error;
    }
  }

  /** Lets go of everything; `keepSeat` where the page only reloads. */
  stop(keepSeat = false): void {
    this.e2ee.stop();
    this.stopTimers();
    clearTimeout(this.verdictTimer);
    clearTimeout(this.haltTimer);
    this.verdict = null;
    for (const stop of this.stops.splice(0)) stop();
    if (!keepSeat) this.options.memory?.clear();
    this.channel?.close(keepSeat);
    this.options.peer.close();
  }

  private stopTimers(): void {
    clearTimeout(this.offerTimer);
    clearInterval(this.sampleTimer);
    clearInterval(this.flowTimer);
  }

  /** The codes differ: somebody may stand between. All of ours stops here and now; the seat is kept only to say so. */
  private halt(): void {
    const { seats, seat } = this.picture;
    this.halted = true;
    this.options.peer.close();
    this.stopTimers();
    try {
      this.e2ee.judge('different');
    } catch {
      // It is stopped in any case.
    }
    this.e2ee.stop();
    const by = seats.find((one) => one.seat === seat)?.role ?? null;
    this.haltTimer = setTimeout(() => this.stop(), VERDICT_MS);
    this.set({ state: 'ended', ended: { reason: 'code-different', by, at_us: Date.now() * 1000 } });
  }

  private async tellVerdict(): Promise<void> {
    clearTimeout(this.verdictTimer);
    const said = this.verdict;
    if (!said || !this.channel) return;
    try {
      await this.channel.request({ verb: 'verify', ...said });
      this.told(said);
    } catch (error) {
      if (this.verdict !== said) return;
      if (error instanceof SignallingError && UNHEARD.includes(error.code)) {
        this.verdictTimer = setTimeout(() => void this.tellVerdict(), VERDICT_RETRY_MS);
        return;
      }
      // Refused, as when the epoch has changed meanwhile. The others must not go on talking to nobody.
      if (this.halted) await this.channel.request({ verb: 'end', reason: 'other' }).catch(() => undefined);
      this.told(said);
    }
  }

  private told(said: { epoch: number; result: Verdict }): void {
    if (this.verdict !== said) return;
    this.verdict = null;
    if (this.halted) this.stop();
  }

  /** After a socket is up: what the server or the others may have missed. */
  private speakAgain(): void {
    this.e2ee.reconnected();
    const { state, epoch } = this.e2ee.view;
    if (state === 'ready') this.channel?.send({ verb: 'secured', epoch });
    void this.tellVerdict();
  }

  private tellRoster(): void {
    const { meeting, seat, number } = this.picture;
    if (this.roster && meeting && seat && this.roster.meeting === meeting) this.e2ee.seats(meeting, { seat, number }, this.roster.seats);
  }

  private set(change: Partial<CallView>): void {
    this.picture = { ...this.picture, ...change };
    this.heedEncryption();
    // Darkness before the page hears why, light only after it has drawn for whom.
    const live = this.isShown();
    if (!live) this.options.peer.setLive(false);
    this.options.changed(this.picture);
    if (live) this.options.peer.setLive(this.isShown());
  }

  /**
   * Who gets our sound and picture stands on the screen by its code. While the next is agreed on, the last one shown holds; while
   * cut off too, but a page may cover a new one then: that one waits until the meeting is live.
   */
  private isShown(): boolean {
    const { state, epoch, code } = this.picture.e2ee;
    if (!isOnScreen(this.picture)) this.shownEpoch = 0;
    else if (this.picture.state === 'live' && state === 'ready' && code !== null) this.shownEpoch = epoch;
    return this.shownEpoch > 0 && this.shownEpoch === epoch && (state === 'ready' || state === 'agreeing');
  }

  /** An encryption that was given up does not come back; neither do our tracks. */
  private heedEncryption(): void {
    const { state } = this.picture.e2ee;
    if (state === 'stopped' || state === 'disturbed') this.options.peer.silence();
  }

  private async join(): Promise<void> {
    try {
      const answer = await this.channel!.request({
        verb: 'join', booking: this.options.booking, ...(this.options.device === undefined ? {} : { device: this.options.device }),
      });
      if (answer.verb === 'end') return;
      if (answer.verb !== 'join') throw new SignallingError('bad-message');
      const { meeting, seat, number, starts_at_us, ends_at_us, token, state } = answer;
      const same = this.picture.seat === seat && this.options.peer.state === 'connected';
      this.channel!.keepSeat(token);
      this.options.peer.useServers(answer.ice_servers);
      this.options.memory?.write({ meeting, seat, number, starts_at_us, ends_at_us, admitted_at_us: this.picture.admitted_at_us });
      this.set({ meeting, seat, number, starts_at_us, ends_at_us, state, refused: null });
      this.tellRoster();
      this.speakAgain();
      this.planOffer(same ? ICE_GRACE_MS : 0, same);
    } catch (error) {
      if (error instanceof SignallingError && (error.code === 'unreachable' || error.code === 'timeout')) return;
      this.refused(error);
    }
  }

  private onSeats(message: Message<'seats'>): void {
    if (this.over || (this.picture.seat && message.meeting !== this.picture.meeting)) return;
    this.roster = message;
    const mine = message.seats.find((seat) => seat.seat === this.picture.seat);
    const admitted = mine ? mine.state === 'admitted' : this.picture.admitted;
    this.set({ seats: message.seats, state: message.state, meeting: message.meeting, admitted: admitted || this.picture.admitted });
    this.tellRoster();
  }

  private onAdmit(message: Message<'admit'>): void {
    const admitted_at_us = this.picture.admitted_at_us ?? message.at_us;
    this.set({ admitted: true, state: 'live', admitted_at_us });
    const { meeting, seat, number, starts_at_us, ends_at_us } = this.picture;
    if (meeting && seat) this.options.memory?.write({ meeting, seat, number, starts_at_us, ends_at_us, admitted_at_us });
  }

  private onEnd(message: Message<'end'>): void {
    if (this.picture.meeting && message.meeting !== this.picture.meeting) return;
    if (!this.picture.ended) this.set({ state: 'ended', ended: { reason: message.reason, by: message.by, at_us: message.at_us } });
    this.stop();
  }

  private onNotice(message: NoticeView): void {
    if (message.kind === 'state') this.set({ state: message.state });
    if (message.kind === 'media-lost') this.onMediaLost();
    this.options.noticed?.(message);
  }

  /** While an offer is under way the news is of the leg before it; should it be of this one, the state will not get connected. */
  private onMediaLost(): void {
    const fresh = this.offering || this.options.peer.state === 'connecting';
    this.planOffer(fresh ? ICE_GRACE_MS : 0, fresh);
  }

  /** One offer at a time, later ones wait; `unlessConnected` looks again when the time has come. */
  private planOffer(after_ms: number, unlessConnected: boolean): void {
    clearTimeout(this.offerTimer);
    this.offerTimer = setTimeout(() => {
      if (this.over || (unlessConnected && this.options.peer.state === 'connected')) return;
      void this.offer();
    }, after_ms);
  }

  private async offer(): Promise<void> {
    if (this.offering) {
      this.offerAgain = true;
      return;
    }
    if (this.picture.link !== 'open') return; // ready() plans it again
    this.offering = true;
    this.offerAgain = false;
    try {
      const sdp = await this.options.peer.offer();
      this.watches.clear();
      this.set({ generation: this.picture.generation + 1, media: 'connecting', flows: {}, unguarded: false });
      const answer = await this.channel!.request({ verb: 'offer', sdp }, OFFER_MS);
      if (answer.verb !== 'answer') throw new SignallingError('bad-message');
      this.options.peer.useServers(answer.ice_servers);
      await this.options.peer.answer(answer.sdp);
      this.set({ media_fault: null });
    } catch (error) {
      this.offerFailures++;
      if (!this.over) this.set({ media_fault: error instanceof SignallingError ? error.title : null, unguarded: error instanceof UnguardedError });
      if (!this.over) this.planOffer(OFFER_RETRY_MS[Math.min(this.offerFailures, OFFER_RETRY_MS.length - 1)]!, false);
    } finally {
      this.offering = false;
      if (this.offerAgain && !this.over) this.planOffer(0, false);
    }
  }

  private async watchFlows(): Promise<void> {
    const { generation, seats, seat: own, number } = this.picture;
    if (generation === 0 || this.over) return;
    if (!await this.options.peer.isGuarded().catch(() => true)) return this.set({ unguarded: true });
    const flows: Record<string, Flow> = {};
    for (const seat of seats) {
      if (seat.seat === own || seat.number === number) continue;
      const arrived = await this.options.peer.arrived(slotOf(seat.number, number)).catch(() => null);
      if (generation !== this.picture.generation || this.over) return;
      if (!arrived) continue;
      const watch = this.watches.get(seat.seat) ?? new FlowWatch();
      this.watches.set(seat.seat, watch);
      const flow = watch.told(arrived, Date.now());
      if (flow) flows[seat.seat] = flow;
    }
    const before = this.picture.flows;
    const keys = Object.keys(flows);
    if (keys.length !== Object.keys(before).length || keys.some((key) => flows[key] !== before[key])) this.set({ flows });
  }

  private async sample(): Promise<void> {
    if (this.options.peer.state === 'new' || this.over) return;
    const stats = await this.options.peer.stats().catch(() => null);
    if (!stats) return;
    this.options.sampled?.(stats);
    // Counters start again with a new connection.
    const before = this.last && stats.packetsReceived >= this.last.packetsReceived && stats.bytesSent >= this.last.bytesSent ? this.last : null;
    this.last = stats;
    this.options.peer.follow(stats.estimate_bps, before ? ((stats.bytesSent - before.bytesSent) * 8000) / SAMPLE_MS : null);
    if (!before) return;
    this.options.peer.wait(this.playout.told(stats.asked - before.asked, stats.packetsReceived - before.packetsReceived));
    const due = this.picture.state === 'live' && this.picture.admitted &&
      this.picture.seats.some((seat) => seat.seat !== this.picture.seat && seat.state === 'admitted');
    const level = qualityBetween(before, stats, due);
    // Two equal samples in a row, so that one hiccup is not told.
    if (level === this.candidateLevel && level !== this.toldLevel && this.channel?.send({ verb: 'quality', level })) this.toldLevel = level;
    if (level === this.candidateLevel && level !== this.picture.quality) this.set({ quality: level });
    this.candidateLevel = level;
  }
}
