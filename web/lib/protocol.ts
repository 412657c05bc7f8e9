// SPDX-License-Identifier: Apache-2.0
// The messages of signalling (docs/protocol.md, section 1). What arrives is checked here, once: the rest of the pages may
// rely on the types. Unknown members are dropped, an unknown verb or a wrong shape is `null` and ignored by the caller.
import * as v from 'valibot';

export const SUBPROTOCOL = 'huijian.v1';
export const VERSION = 1;
/** Characters of a message from the server: the snapshot of many meetings is long. What a page says is 64 KiB at most. */
export const INCOMING_MAX = 4 * 1024 * 1024;
/** Characters of an end-to-end message (docs/e2ee.md), base64url. */
export const KEY_MAX = 2048;
/** A seat may be taken again for this long after its socket dropped. */
export const RESUME_MS = 60_000;

const Time = v.pipe(v.number(), v.integer());
const Words = v.union([v.string(), v.object({ zh: v.string(), en: v.string() })]);
const Mid = v.pipe(v.union([v.string(), v.pipe(v.number(), v.integer())]), v.transform(String));
const Re = v.optional(v.pipe(v.number(), v.integer()));
const MeetingStates = v.picklist(['waiting', 'live', 'cut_off', 'ended']);
const SeatStates = v.picklist(['waiting', 'connected', 'admitted', 'dropped', 'left']);

const Seat = v.object({
  seat: v.string(),
  number: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(4)),
  role: v.string(),
  name: v.optional(v.nullable(Words), null),
  state: SeatStates,
  /** Public key of its device, P-256 SubjectPublicKeyInfo in base64; empty when the server names none: then nobody agrees on keys with it. */
  identity: v.optional(v.pipe(v.string(), v.maxLength(512)), ''),
  /** Audio and video m-line of that seat in the reader's own SDP; null for the reader. */
  mids: v.optional(v.nullable(v.tuple([Mid, Mid])), null),
});

const Assignment = v.object({
  booking: v.string(),
  meeting: v.optional(v.nullable(v.string()), null),
  state: v.string(),
  lawyer: v.object({ name: Words, firm: v.optional(v.nullable(Words), null) }),
  detainee: v.object({ name: Words }),
  starts_at_us: v.nullable(Time),
  ends_at_us: v.nullable(Time),
  lawyer_waiting: v.optional(v.boolean(), false),
  checked_in: v.optional(v.boolean(), false),
});

const Finding = v.object({
  code: v.string(),
  severity: v.picklist(['deny', 'permission', 'human', 'note']),
  title: Words,
  basis: Words,
  remedy: Words,
});

const Notice = v.variant('kind', [
  v.object({ verb: v.literal('notice'), kind: v.literal('time-left'), minutes: v.number() }),
  v.object({ verb: v.literal('notice'), kind: v.literal('state'), state: MeetingStates }),
  v.object({ verb: v.literal('notice'), kind: v.literal('record-changed'), findings: v.optional(v.array(Finding), []) }),
  v.object({ verb: v.literal('notice'), kind: v.literal('media-lost') }),
  v.object({ verb: v.literal('notice'), kind: v.literal('media-back') }),
]);

/** TURN servers alone (RFC 7065), as RTCConfiguration takes them; without them the relay is reached by UDP or not at all. */
const TurnUrl = v.pipe(
  v.string(), v.maxLength(255), v.regex(/^turns?:(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(?::\d{1,5})?(?:\?transport=(?:udp|tcp))?$/),
);
const Secret = v.pipe(v.string(), v.minLength(1), v.maxLength(512));
const IceServer = v.object({ urls: v.pipe(v.array(TurnUrl), v.minLength(1), v.maxLength(8)), username: Secret, credential: Secret });
const IceServers = v.optional(v.pipe(v.array(IceServer), v.maxLength(4)), []);

const shapes = {
  hello: v.union([
    v.object({
      verb: v.literal('hello'),
      v: v.literal(VERSION),
      re: Re,
      ice_servers: IceServers,
      you: v.object({ kind: v.picklist(['lawyer', 'kiosk', 'follower']), id: v.string(), name: v.optional(v.nullable(Words), null) }),
      resumed: v.optional(v.boolean(), false),
    }),
    v.object({ verb: v.literal('hello'), v: v.literal(VERSION), nonce: v.string(), origin: v.string() }),
  ]),
  assign: v.object({ verb: v.literal('assign'), assignment: v.nullable(Assignment) }),
  join: v.object({
    verb: v.literal('join'),
    re: Re,
    meeting: v.string(),
    booking: v.string(),
    seat: v.string(),
    number: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(4)),
    role: v.optional(v.string(), ''),
    token: v.string(),
    state: MeetingStates,
    starts_at_us: v.optional(v.nullable(Time), null),
    ends_at_us: v.optional(v.nullable(Time), null),
    ice_servers: IceServers,
  }),
  seats: v.object({ verb: v.literal('seats'), meeting: v.string(), state: MeetingStates, seats: v.pipe(v.array(Seat), v.maxLength(8)) }),
  answer: v.object({ verb: v.literal('answer'), re: Re, sdp: v.string(), ice_servers: IceServers }),
  admit: v.object({ verb: v.literal('admit'), meeting: v.string(), at_us: Time }),
  key: v.object({
    verb: v.literal('key'),
    meeting: v.string(),
    from: v.string(),
    body: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]+$/), v.maxLength(KEY_MAX)),
  }),
  verify: v.object({ verb: v.literal('verify'), re: Re }),
  notice: Notice,
  leave: v.object({ verb: v.literal('leave'), re: Re }),
  end: v.object({
    verb: v.literal('end'),
    re: Re,
    meeting: v.string(),
    reason: v.optional(v.nullable(v.string()), null),
    by: v.optional(v.nullable(v.string()), null),
    at_us: v.optional(v.nullable(Time), null),
  }),
  follow: v.union([
    v.object({ verb: v.literal('follow'), re: Re, meetings: v.array(v.looseObject({ id: v.string() })) }),
    v.object({ verb: v.literal('follow'), re: Re, meeting: v.looseObject({ id: v.string() }) }),
  ]),
  error: v.object({
    verb: v.literal('error'),
    re: Re,
    code: v.string(),
    title: v.optional(v.nullable(Words), null),
    detail: v.optional(v.nullable(Words), null),
  }),
} as const;

type Shapes = typeof shapes;
export type Verb = keyof Shapes;
export type Message<V extends Verb> = v.InferOutput<Shapes[V]>;
export type Incoming = { [V in Verb]: Message<V> }[Verb];
export type IceServerView = v.InferOutput<typeof IceServer>;
export type SeatView = v.InferOutput<typeof Seat>;
export type SeatState = SeatView['state'];
export type AssignmentView = v.InferOutput<typeof Assignment>;
export type NoticeView = v.InferOutput<typeof Notice>;
export type EndReason = 'done' | 'help' | 'fault' | 'identity' | 'other';

/** What a client may say. `id` is added by the socket's owner. */
export type Outgoing =
  | { verb: 'hello'; v: 1; locale?: string; ticket: string }
  | { verb: 'hello'; v: 1; locale?: string; resume: string }
  | { verb: 'join'; booking: string; device?: string }
  | { verb: 'offer'; sdp: string; srtp?: 'cm' }
  | { verb: 'key'; to?: string; body: string }
  | { verb: 'secured'; epoch: number }
  | { verb: 'verify'; epoch: number; result: 'same' | 'different' }
  | { verb: 'quality'; level: 1 | 2 | 3 }
  | { verb: 'leave' }
  | { verb: 'end'; reason: EndReason }
  | { verb: 'follow' };

/** The JSON object in `text`, or null. */
export function parseObject(text: string, most: number): Record<string, unknown> | null {
  if (text.length > most) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** The message in `text`, or null when it is none that we know. */
export function decode(text: string): Incoming | null {
  const value = parseObject(text, INCOMING_MAX);
  return value && check(value);
}

/** The message that an object is, or null. */
export function check(value: Record<string, unknown>): Incoming | null {
  const { verb } = value;
  if (typeof verb !== 'string' || !Object.hasOwn(shapes, verb)) return null;
  const result = v.safeParse(shapes[verb as Verb], value);
  return result.success ? (result.output as Incoming) : null;
}

/**
 * The slot in which the seat numbered `reader` hears and sees the seat numbered `speaker`. Not what `mids` says: whose picture
 * stands under whose name is not the server's to tell.
 */
export function slotOf(speaker: number, reader: number): number {
  return speaker < reader ? speaker : speaker - 1;
}
