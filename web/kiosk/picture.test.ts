// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { CallView } from '../lib/call';
import type { AssignmentView } from '../lib/protocol';
import type { AgentView } from './agent-link';
import { inTrouble, screenOf, type Known } from './picture';

const agent: AgentView = { verb: 'agent', state: 'online', name: null, room: null, seated: false, heartbeat_ms: 5000, locale: 'zh-CN', public_key: 'MFkw', fingerprint: null };
const assignment: AssignmentView = {
  booking: 'b', meeting: null, state: 'CONFIRMED', lawyer: { name: 'l', firm: null }, detainee: { name: 'd' },
  starts_at_us: null, ends_at_us: null, lawyer_waiting: false, checked_in: false,
};
const seated = {
  link: 'open', media: 'connected', state: 'waiting', meeting: 'm', seat: 's', number: 1, seats: [], admitted: false, admitted_at_us: null,
  starts_at_us: null, ends_at_us: null, quality: null, ended: null, refused: null, left: false, generation: 1, flows: {},
} as unknown as CallView;
const known: Known = { attachment: 'open', agent, assignment: null, call: null, unfit: false, trouble_since: null, now_ms: 10_000 };
const live = { ...seated, state: 'live', admitted: true } as CallView;

describe('the screen', () => {
  it('is idle when nothing is assigned', () => expect(screenOf(known)).toBe('idle'));
  it('tells who will call', () => expect(screenOf({ ...known, assignment })).toBe('assigned'));
  it('waits in the seat', () => expect(screenOf({ ...known, assignment, call: seated })).toBe('waiting'));
  it('is live once admitted', () => expect(screenOf({ ...known, call: live })).toBe('live'));
  it('waits while the others are live and we are not admitted', () => {
    expect(screenOf({ ...known, call: { ...live, admitted: false } })).toBe('waiting');
  });
  it('is cut off when the meeting is', () => expect(screenOf({ ...known, call: { ...live, state: 'cut_off' } })).toBe('cut-off'));
  it('does not flicker at a short drop', () => expect(screenOf({ ...known, call: live, trouble_since: 9000 })).toBe('live'));
  it('shows a longer drop', () => expect(screenOf({ ...known, call: live, trouble_since: 8000 })).toBe('cut-off'));
  it('keeps the picture while media comes, whoever lost the server', () => {
    const flowing = { ...live, flows: { l: 'picture' } } as CallView;
    expect(screenOf({ ...known, call: flowing, attachment: 'lost', trouble_since: 0 })).toBe('live');
    expect(screenOf({ ...known, call: { ...flowing, state: 'cut_off' } })).toBe('live');
    expect(screenOf({ ...known, call: { ...flowing, flows: { l: 'nothing' } }, trouble_since: 0 })).toBe('cut-off');
    expect(screenOf({ ...known, call: { ...flowing, state: 'cut_off', flows: { l: 'nothing' } } })).toBe('cut-off');
  });
  it('has ended', () => expect(screenOf({ ...known, call: { ...live, ended: { reason: 'done', by: null, at_us: 1 } } })).toBe('ended'));
  it('is offline without the agent', () => expect(screenOf({ ...known, attachment: 'lost', assignment })).toBe('offline'));
  it('is offline without the server', () => expect(screenOf({ ...known, agent: { ...agent, state: 'connecting' } })).toBe('offline'));
  it('waits for a person\'s approval of its key', () => expect(screenOf({ ...known, agent: { ...agent, state: 'unapproved' } })).toBe('unapproved'));
  it('says offline, not unapproved, once the agent is gone', () => {
    expect(screenOf({ ...known, attachment: 'lost', agent: { ...agent, state: 'unapproved' } })).toBe('offline');
  });
  it('says that it cannot encrypt, and offers nothing', () => expect(screenOf({ ...known, assignment, unfit: true })).toBe('unfit'));
  it('covers a picture that no longer opens', () => {
    expect(screenOf({ ...known, call: { ...live, state: 'cut_off', flows: { l: 'sealed' } } as CallView })).toBe('cut-off');
  });
  it('is offline before the agent has spoken', () => expect(screenOf({ ...known, agent: null })).toBe('offline'));
  it('gives way to a newer page even in a meeting', () => expect(screenOf({ ...known, attachment: 'taken-over', call: live })).toBe('taken-over'));
  it('goes back to the assignment when the seat was given up', () => {
    expect(screenOf({ ...known, assignment, call: { ...live, left: true } })).toBe('assigned');
  });
});

describe('trouble', () => {
  it('is none without a seat', () => expect(inTrouble({ ...known, attachment: 'lost' })).toBe(false));
  it('is a lost server', () => expect(inTrouble({ ...known, call: live, agent: { ...agent, state: 'offline' } })).toBe(true));
  it('is lost media in a live meeting', () => expect(inTrouble({ ...known, call: { ...live, media: 'failed' } })).toBe(true));
  it('is not media that is being set up in the waiting room', () => expect(inTrouble({ ...known, call: { ...seated, media: 'connecting' } })).toBe(false));
  it('is none after the end', () => {
    expect(inTrouble({ ...known, attachment: 'lost', call: { ...live, ended: { reason: null, by: null, at_us: null } } })).toBe(false);
  });
});
