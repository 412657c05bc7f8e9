// SPDX-License-Identifier: Apache-2.0
// One round of a key agreement: what this end made for it, what it holds of the others, and what follows from that
// (docs/e2ee.md section 3). Who may say what when is agreement.ts. No DOM.
import { concat, toBase64url, type Bytes } from './bytes';
import { securityCode } from './code';
import type { Roster, Member } from './roster';
import { verifies } from './roster';
import { P256, X25519, agree, generate, type Exchange } from './suites';
import { KEY_SIZE, commitmentOf, encodeCommit, encodeReveal, keyHeader, statementOf, transcriptOf, unsignedBody, type Commit, type Key, type Reveal } from './wire';
import { unwrap, wrap } from './wrap';

export interface Maker {
  seat: string;
  sign: (statement: Bytes) => Promise<Uint8Array>;
  random: (size: number) => Bytes;
  /** The highest suite to offer. */
  highest: number;
}

interface Agreed {
  suite: number;
  transcript: Bytes;
  code: string;
}

export class Round {
  readonly commits = new Map<string, Commit>();
  readonly reveals = new Map<string, Reveal>();
  readonly keys = new Map<string, Key>();
  /** Came before their turn. */
  readonly early = new Map<string, Reveal | Key>();
  /** By seat, then by suite. */
  private readonly secrets = new Map<string, Map<number, Bytes>>();
  private readonly baseKeys = new Map<string, Bytes>();
  private readonly wrapped = new Map<string, string>();
  private agreed: Agreed | null = null;
  revealed = false;
  complete = false;

  private constructor(readonly epoch: number, readonly roster: Roster, private readonly maker: Maker, private exchanges: Exchange[],
    private readonly baseKey: Bytes, private readonly body: Bytes, private readonly commitment: Bytes) {}

  /** Makes this end's share. Throws when the identity cannot sign. */
  static async make(epoch: number, roster: Roster, maker: Maker): Promise<Round> {
    const suites = maker.highest >= X25519 ? [P256, X25519] : [P256];
    const exchanges = (await Promise.all(suites.map(generate))).filter((one): one is Exchange => one !== null);
    const unsigned = unsignedBody(maker.random(32), exchanges);
    const signature = await maker.sign(statementOf(roster.hash, epoch, maker.seat, unsigned));
    if (signature.length !== 64) throw new Error('no signature');
    const body = concat(unsigned, signature);
    return new Round(epoch, roster, maker, exchanges, maker.random(KEY_SIZE), body, await commitmentOf(roster.hash, epoch, maker.seat, body));
  }

  get commitMessage(): string {
    return toBase64url(encodeCommit(this.epoch, this.maker.seat, this.roster.hash, this.commitment));
  }

  get revealMessage(): string {
    return toBase64url(encodeReveal(this.epoch, this.maker.seat, this.body));
  }

  /** What is for that seat; null before it is its turn. */
  keyMessage(to: string): string | null {
    return this.wrapped.get(to) ?? null;
  }

  holdsAllCommits(): boolean {
    return this.roster.others.every(({ seat }) => this.commits.has(seat));
  }

  holdsAllReveals(): boolean {
    return this.roster.others.every(({ seat }) => this.reveals.has(seat));
  }

  holdsAllKeys(): boolean {
    return this.roster.others.every(({ seat }) => this.baseKeys.has(seat));
  }

  get keyed(): boolean {
    return this.agreed !== null;
  }

  /** Takes a reveal that fits its commitment and its signature, with keys that are worth something; else says what is wrong. */
  async takeReveal(member: Member, reveal: Reveal): Promise<'commitment' | 'signature' | 'public-key' | null> {
    const commitment = await commitmentOf(this.roster.hash, this.epoch, member.seat, reveal.body);
    if (!commitment.every((byte, index) => byte === this.commits.get(member.seat)!.commitment[index])) return 'commitment';
    if (!(await verifies(member, statementOf(this.roster.hash, this.epoch, member.seat, reveal.signed), reveal.signature))) return 'signature';
    const secrets = new Map<number, Bytes>();
    for (const { suite, privateKey } of this.exchanges) {
      const offer = reveal.offers.find((one) => one.suite === suite);
      const secret = offer && await agree(suite, privateKey, offer.publicKey);
      if (secret === null) return 'public-key';
      if (secret) secrets.set(suite, secret);
    }
    this.secrets.set(member.seat, secrets);
    this.reveals.set(member.seat, reveal);
    return null;
  }

  /** All reveals are here: chooses the suite and wraps our key for each. */
  async agree(): Promise<ReadonlyMap<string, string>> {
    const shared = (suite: number) => [...this.secrets.values()].every((secrets) => secrets.has(suite));
    const suite = Math.max(...this.exchanges.map((one) => one.suite).filter(shared));
    this.exchanges = [];
    const bodies = this.roster.members.map(({ seat }) => (seat === this.maker.seat ? this.body : this.reveals.get(seat)!.body));
    const transcript = await transcriptOf(this.roster.hash, this.epoch, suite, bodies);
    for (const [seat, secrets] of this.secrets) {
      const header = keyHeader(this.epoch, this.maker.seat, seat, suite);
      this.wrapped.set(seat, toBase64url(concat(header, await wrap(transcript, secrets.get(suite)!, this.maker.seat, seat, header, this.baseKey))));
    }
    this.agreed = { suite, transcript, code: await securityCode(transcript) };
    return this.wrapped;
  }

  /** Takes another end's base key; else says what does not fit. */
  async takeKey(key: Key): Promise<'suite' | 'key' | null> {
    const { suite, transcript } = this.agreed!;
    if (key.suite !== suite) return 'suite';
    const baseKey = await unwrap(transcript, this.secrets.get(key.seat)!.get(suite)!, key.seat, key.to, key.header, key.wrapped);
    if (!baseKey) return 'key';
    this.keys.set(key.seat, key);
    this.baseKeys.set(key.seat, baseKey);
    return null;
  }

  /** All keys are here. They go to the caller, who wipes them; of this round only what was said stays, to be said again. */
  finish(): { suite: number; code: string; own: Bytes; others: Map<string, Bytes> } {
    const { suite, code } = this.agreed!;
    const own = this.baseKey.slice() as Bytes;
    const others = new Map(this.baseKeys);
    this.complete = true;
    this.wipe();
    return { suite, code, own, others };
  }

  /** Given up: nothing of it may be used any more. */
  destroy(): void {
    this.exchanges = [];
    this.wipe();
    if (!this.complete) for (const key of this.baseKeys.values()) key.fill(0);
  }

  private wipe(): void {
    this.baseKey.fill(0);
    for (const secrets of this.secrets.values()) for (const secret of secrets.values()) secret.fill(0);
  }
}
