// SPDX-License-Identifier: Apache-2.0
// The key agreement of one end (docs/e2ee.md sections 2 and 3). It knows no socket, no timer and no clock: what it is given goes
// in by setRoster(), receive() and tick(), what it wants comes out by its port. Each of the three returns a promise that settles
// when everything that the input causes was called out; they may be called at any time and are worked through in order. Only who
// has gone is told at once, whatever else waits. No DOM.
import { equal, fromBase64url, type Bytes } from './bytes';
import { goneBetween, isSound, readRoster, type Own, type Roster, type RosterSeat } from './roster';
import { Round } from './round';
import { X25519 } from './suites';
import { EPOCH_MAX, decode, isSame, type Commit, type Key, type Reveal } from './wire';
import type { Identity } from './types';

/** An open round says everything again this often. */
export const REPEAT_MS = 2000;
/** More that waits is not taken: who sends that much wants to keep us busy. */
const WAITING_MAX = 256;
/** What the verb `key` carries at most. */
const BODY_MAX = 2048;
/** One seat is answered out of turn at most this often. */
const ANSWER_MS = 1000;
/** Commits of seats that we do not know yet. */
const KEPT_MAX = 16;
/** Each reveal is a guess for whoever stands between. */
export const REVEALS_MAX = 20;
export const REVEALS_MS = 600_000;

/** A complete round. The base keys are the taker's to wipe. */
export interface Epoch {
  epoch: number;
  suite: number;
  code: string;
  own: { number: number; baseKey: Bytes };
  /** The others, by number. */
  members: { seat: string; number: number; baseKey: Bytes }[];
}

export interface AgreementPort {
  /** To one seat or to all others (null); what gets lost is said again. */
  send(to: string | null, body: string): void;
  epoch(epoch: Epoch): void | Promise<void>;
  /** The seat with that number has gone, or is another end now. */
  gone(number: number): void;
  alone(): void;
  /** Dropped: why, in one word. */
  refused(reason: string, from: string | null): void;
  /** Another reveal: all that count now, to be kept for the next page. */
  revealed?(at_ms: readonly number[]): void;
  /** Given up for good. */
  stopped(reason: 'disturbed'): void;
}

export interface AgreementOptions {
  role: string;
  identity: Identity;
  port: AgreementPort;
  /** The highest suite to offer; the newest unless told. */
  highest?: number;
  random?: (size: number) => Bytes;
  /** When (ms) this end has revealed before, in another page perhaps: they count. */
  revealed?: readonly number[];
}

export class Agreement {
  private roster: Roster | null = null;
  private own: Own | null = null;
  private round: Round | null = null;
  /** The epoch of a round that could not be begun, because the identity did not sign. */
  private unsigned = 0;
  private highestSeen = 0;
  private since: number | null = null;
  private said_ms = 0;
  private revealed_ms: number[];
  private over = false;
  /** The last commit of each seat that was for another roster. */
  private readonly kept = new Map<string, Commit>();
  /** Commits of this roster that were heard, so that a late copy is not taken for a lost state. */
  private heard: Commit[] = [];
  private readonly answered_ms = new Map<string, number>();
  /** The others as we were told last, and how often somebody has gone; how often when the roster was last taken. */
  private told: { meeting: string; others: readonly RosterSeat[] } = { meeting: '', others: [] };
  private departures = 0;
  private departuresTaken = 0;
  private turn: Promise<void> = Promise.resolve();
  private waiting = 0;

  constructor(private readonly options: AgreementOptions) {
    this.revealed_ms = [...(options.revealed ?? [])];
  }

  /** Since when (ms) we have been without an epoch for this roster, over however many rounds; null while we are not. */
  get agreeing_since(): number | null {
    return this.since;
  }

  /** The seats that are not `left`, and which of them we are. */
  setRoster(meeting: string, own: { seat: string; number: number }, seats: readonly RosterSeat[], now_ms: number): Promise<void> {
    const self = { ...own, role: this.options.role, publicKey: this.options.identity.publicKey };
    this.tellGone(meeting, self, seats);
    const { departures } = this;
    return this.inTurn(() => this.takeRoster(meeting, self, seats, departures, now_ms));
  }

  /** from: the seat that the server names; body: as the verb `key` carries it. */
  receive(from: string, body: string, now_ms: number): Promise<void> {
    if (this.waiting >= WAITING_MAX) {
      this.refuse('flood', from);
      return Promise.resolve();
    }
    return this.inTurn(() => this.take(from, body, now_ms));
  }

  tick(now_ms: number): Promise<void> {
    return this.inTurn(async () => {
      if (this.unsigned > 0 && now_ms - this.said_ms >= REPEAT_MS) await this.begin(this.unsigned, now_ms);
      else if (this.round && !this.round.complete && now_ms - this.said_ms >= REPEAT_MS) this.sayAgain(this.round, now_ms);
    });
  }

  /** The socket is back: what the open round has said may be lost. */
  repeat(now_ms: number): Promise<void> {
    return this.inTurn(async () => {
      if (this.round && !this.round.complete) this.sayAgain(this.round, now_ms);
    });
  }

  /** Given up: nothing is said any more. */
  stop(): void {
    this.over = true;
    this.since = null;
    this.drop();
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    this.waiting++;
    const done = this.turn.then(async () => {
      this.waiting--;
      try {
        if (!this.over) await work();
      } catch (error) {
        // What was under way when we stopped has lost what it stood on.
        if (!this.over) throw error;
      }
    });
    this.turn = done.catch(() => undefined);
    return done;
  }

  private drop(): void {
    this.round?.destroy();
    this.round = null;
    this.unsigned = 0;
  }

  private disturb(): void {
    this.stop();
    this.options.port.stopped('disturbed');
  }

  private refuse(reason: string, from: string | null): void {
    if (!this.over) this.options.port.refused(reason, from);
  }

  private send(to: string | null, body: string): void {
    if (!this.over) this.options.port.send(to, body);
  }

  // ---- The roster ----

  /** In the turn in which we hear of it: what those who have gone still have must not wait for a signature. */
  private tellGone(meeting: string, own: Own, seats: readonly RosterSeat[]): void {
    if (this.over) return;
    // Of a roster that is refused nobody stays: who has keys must not be somebody whom the page does not show.
    const others = isSound(seats, own) ? seats.filter(({ seat }) => seat !== own.seat) : [];
    const gone = goneBetween(this.told.others, meeting === this.told.meeting ? others : []);
    this.told = { meeting, others };
    this.departures += gone.length;
    for (const number of gone) this.options.port.gone(number);
  }

  /** Somebody has gone from the roster that we hold: no epoch of it may begin any more. */
  private get outdated(): boolean {
    return this.departures !== this.departuresTaken;
  }

  private async takeRoster(meeting: string, own: Own, seats: readonly RosterSeat[], departures: number, now_ms: number): Promise<void> {
    const roster = await readRoster(meeting, seats, own).catch(() => null);
    if (!roster) return this.refuseRoster(now_ms);
    const same = this.roster !== null && equal(this.roster.hash, roster.hash);
    if (same && departures === this.departuresTaken && (roster.others.length > 0 || this.since === null)) return;
    this.departuresTaken = departures;
    this.roster = roster;
    this.own = own;
    this.heard = [];
    this.drop();
    for (const seat of this.kept.keys()) if (!roster.others.some((one) => one.seat === seat)) this.kept.delete(seat);
    if (roster.others.length === 0) {
      this.since = null;
      return this.options.port.alone();
    }
    const waiting = [...this.kept.values()].filter(({ rosterHash }) => equal(rosterHash, roster.hash));
    await this.begin(Math.max(this.highestSeen + 1, ...waiting.map(({ epoch }) => epoch)), now_ms);
    for (const commit of waiting) {
      this.kept.delete(commit.seat);
      await this.takeCommit(commit, now_ms);
    }
  }

  /** Then no roster holds: everybody else counts as gone until a sound one comes. */
  private refuseRoster(now_ms: number): void {
    const gone = this.told.others;
    this.told = { meeting: '', others: [] };
    this.drop();
    this.roster = null;
    this.since ??= now_ms;
    for (const { number } of gone) this.options.port.gone(number);
    this.refuse('roster', null);
  }

  // ---- A round ----

  private async begin(epoch: number, now_ms: number): Promise<void> {
    if (epoch > EPOCH_MAX) return this.disturb();
    this.drop();
    this.since ??= now_ms;
    this.said_ms = now_ms;
    this.highestSeen = Math.max(this.highestSeen, epoch);
    const { identity, random = (size) => crypto.getRandomValues(new Uint8Array(size)), highest = X25519 } = this.options;
    try {
      const round = await Round.make(epoch, this.roster!, { seat: this.own!.seat, sign: (statement) => identity.sign(statement), random, highest });
      if (this.over) return round.destroy();
      this.round = round;
    } catch {
      this.unsigned = epoch;
      return this.refuse('sign', null);
    }
    this.send(null, this.round.commitMessage);
  }

  private sayAgain(round: Round, now_ms: number): void {
    this.said_ms = now_ms;
    this.send(null, round.commitMessage);
    if (round.revealed) this.send(null, round.revealMessage);
    for (const { seat } of round.roster.others) {
      const message = round.keyMessage(seat);
      if (message) this.send(seat, message);
    }
  }

  /** Whether that seat may be answered out of turn now. */
  private mayAnswer(seat: string, now_ms: number): boolean {
    if (now_ms - (this.answered_ms.get(seat) ?? -Infinity) < ANSWER_MS) return false;
    this.answered_ms.set(seat, now_ms);
    return true;
  }

  // ---- What comes in ----

  private async take(from: string, body: string, now_ms: number): Promise<void> {
    const bytes = body.length > BODY_MAX ? null : fromBase64url(body);
    const said = bytes && decode(bytes);
    if (!said) return this.refuse('malformed', from);
    if (said.seat !== from || !this.roster?.others.some(({ seat }) => seat === from)) {
      // Who has just joined may speak before we hear of them: a commit waits for the roster.
      if (said.type === 'commit' && said.seat === from && from !== this.own?.seat && (this.kept.size < KEPT_MAX || this.kept.has(from))) this.kept.set(from, said);
      else this.refuse('sender', from);
      return;
    }
    if (said.type === 'commit') return this.takeCommit(said, now_ms);
    if (said.type === 'key' && said.to !== this.own!.seat) return this.refuse('recipient', from);
    const { round } = this;
    if (!round || said.epoch !== round.epoch) return this.refuse('epoch', from);
    const held = said.type === 'reveal' ? round.reveals.get(from) : round.keys.get(from);
    if (held) return isSame(held, said) ? undefined : this.refuse('another', from);
    if (said.type === 'reveal' ? !round.revealed : !round.keyed) return this.keepEarly(round, said);
    return said.type === 'reveal' ? this.takeReveal(round, said, now_ms) : this.takeKey(round, said);
  }

  private keepEarly(round: Round, said: Reveal | Key): void {
    const key = `${said.type} ${said.seat}`;
    const before = round.early.get(key);
    if (before && !isSame(before, said)) return this.refuse('another', said.seat);
    round.early.set(key, said);
  }

  private async takeCommit(commit: Commit, now_ms: number): Promise<void> {
    if (!equal(commit.rosterHash, this.roster!.hash)) {
      this.kept.set(commit.seat, commit);
      return;
    }
    const known = this.heard.some((one) => one.seat === commit.seat && isSame(one, commit));
    if (!known) this.heard = [...this.heard.slice(-63), commit];
    this.highestSeen = Math.max(this.highestSeen, commit.epoch);
    const epoch = this.round?.epoch ?? this.unsigned;
    if (commit.epoch > epoch) {
      await this.begin(commit.epoch, now_ms);
    } else if (commit.epoch < epoch) {
      return this.answerOld(commit, known, now_ms);
    }
    const { round } = this;
    if (!round || this.over) return;
    const held = round.commits.get(commit.seat);
    if (!held) round.commits.set(commit.seat, commit);
    else if (!isSame(held, commit)) return this.begin(this.highestSeen + 1, now_ms);
    else if (round.complete && this.mayAnswer(commit.seat, now_ms)) this.answerCopy(round, commit.seat);
    await this.maybeReveal(round, now_ms);
  }

  /** Of an earlier round: its sender does not know of ours, or has lost its state. */
  private async answerOld(commit: Commit, known: boolean, now_ms: number): Promise<void> {
    if (this.round?.complete && !known) return this.begin(this.highestSeen + 1, now_ms);
    if (this.round && this.mayAnswer(commit.seat, now_ms)) this.send(commit.seat, this.round.commitMessage);
  }

  private answerCopy(round: Round, seat: string): void {
    this.send(seat, round.revealMessage);
    this.send(seat, round.keyMessage(seat)!);
  }

  private async maybeReveal(round: Round, now_ms: number): Promise<void> {
    if (round.revealed || this.outdated || !round.holdsAllCommits()) return;
    this.revealed_ms = this.revealed_ms.filter((at_ms) => now_ms - at_ms < REVEALS_MS);
    if (this.revealed_ms.length >= REVEALS_MAX) return this.disturb();
    this.revealed_ms.push(now_ms);
    this.options.port.revealed?.(this.revealed_ms);
    round.revealed = true;
    this.send(null, round.revealMessage);
    for (const [key, said] of round.early) {
      if (said.type !== 'reveal') continue;
      round.early.delete(key);
      await this.takeReveal(round, said, now_ms);
    }
  }

  private async takeReveal(round: Round, reveal: Reveal, now_ms: number): Promise<void> {
    const member = round.roster.others.find(({ seat }) => seat === reveal.seat)!;
    const fault = await round.takeReveal(member, reveal);
    if (fault) return this.refuse(fault, reveal.seat);
    if (round.keyed || !round.holdsAllReveals()) return;
    const wrapped = await round.agree();
    this.said_ms = now_ms;
    for (const [seat, message] of wrapped) this.send(seat, message);
    for (const [key, said] of round.early) {
      if (said.type !== 'key') continue;
      round.early.delete(key);
      await this.takeKey(round, said);
    }
  }

  private async takeKey(round: Round, key: Key): Promise<void> {
    const fault = await round.takeKey(key);
    if (fault) return this.refuse(fault, key.seat);
    if (!round.holdsAllKeys() || this.over || this.outdated) return;
    const { suite, code, own, others } = round.finish();
    this.since = null;
    const members = round.roster.others.map(({ seat, number }) => ({ seat, number, baseKey: others.get(seat)! }));
    await this.options.port.epoch({ epoch: round.epoch, suite, code, own: { number: this.own!.number, baseKey: own }, members });
  }
}

export type { RosterSeat };
