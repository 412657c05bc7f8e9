// SPDX-License-Identifier: Apache-2.0
// The waiting room and the meeting as the client sees them: the other side large, oneself small, the time left, the promise
// of confidentiality always in sight, and three things to press.
import type { CallView } from '../lib/call';
import type { Refused } from '../lib/flow';
import type { Devices } from '../lib/devices';
import type { AssignmentView, SeatView } from '../lib/protocol';
import { html, nothing, type TemplateResult } from '../ui/element';
import { plays, streamOnce } from '../ui/media';
import { readers, refusedText, type Difference } from '../ui/security-code';
import { pick, t } from '../ui/text';
import { awayNote, coverText, pictureShows } from '../ui/tile';
import { countDown, formatTime } from '../ui/time';
import { codeCard, codeMark, e2eeLine } from './code';
import { icon } from './icons';
import type { Screen } from './picture';
import { deviceFault } from './screens';

export interface Room {
  screen: Screen;
  call: CallView;
  assignment: AssignmentView | null;
  devices: Devices | null;
  /** Seats whose picture is running. */
  seen: ReadonlySet<string>;
  now_us: number;
  /** Our own connection is in trouble, for long enough to say so. */
  troubled: boolean;
  /** What came and did not open. */
  refused: Refused;
  /** The code has only just appeared. */
  unread: boolean;
  /** What happened since the code before. */
  difference: Difference;
  streamOf: (seat: SeatView) => MediaStream | null;
  playing: (seat: SeatView) => void;
  askEnd: () => void;
  askHelp: () => void;
  /** The person's word on the code. */
  same: () => void;
  askDifferent: () => void;
}

const FIVE_MINUTES_US = 5 * 60_000_000;
const ONE_MINUTE_US = 60_000_000;

function others(call: CallView): SeatView[] {
  return call.seats.filter((seat) => seat.seat !== call.seat && seat.state !== 'left');
}

function nameOf(seat: SeatView): string {
  const name = pick(seat.name);
  if (seat.role === 'lawyer') return name ? t('{name} 律师', { name }) : t('律师');
  return name || t('参加人');
}

function promise(): TemplateResult {
  return html`<p class="promise" data-testid="confidentiality">${icon('shield')}<span>${t('本次会见不被监听、不录音录像')}</span></p>`;
}

function timeLeft(call: CallView, now_us: number): TemplateResult | typeof nothing {
  if (call.ends_at_us === null) return nothing;
  const left = call.ends_at_us - now_us;
  const tone = left <= ONE_MINUTE_US ? 'last' : left <= FIVE_MINUTES_US ? 'few' : '';
  return html`<p class="time-left ${tone}" data-testid="kiosk-timeleft" role="timer">${icon('clock')}<span>${left > 0
    ? t('剩余 {time}', { time: countDown(left) })
    : t('预约时间已到（{time}）', { time: formatTime(call.ends_at_us) })}</span></p>`;
}

function selfView(devices: Devices | null): TemplateResult {
  return html`<figure class="self">
    ${devices?.video
      ? html`<video data-testid="self-view" autoplay playsinline muted .muted=${true} ${plays(streamOnce(devices.video))} aria-label=${t('您的画面')}></video>`
      : html`<div class="cover">${icon('camera')}<span>${devices ? t('没有画面') : t('正在打开摄像头')}</span></div>`}
    <figcaption>${t('您')}</figcaption></figure>`;
}

function tile(seat: SeatView, room: Room): TemplateResult {
  const stream = room.streamOf(seat);
  const sound = stream?.getAudioTracks()[0];
  const flow = room.call.flows[seat.seat];
  const showing = pictureShows(seat, room.seen.has(seat.seat), flow);
  return html`<figure class="tile" data-showing=${showing}>
    <video data-seat=${seat.seat} autoplay playsinline muted .muted=${true} ${plays(stream)} @playing=${() => room.playing(seat)}
      aria-label=${t('{name} 的画面', { name: nameOf(seat) })}></video>
    <audio data-sound-of=${seat.seat} autoplay ${plays(sound ? streamOnce(sound) : null)}></audio>
    ${showing ? nothing : html`<div class="cover">${icon('person')}<span data-testid="tile-cover">${coverText(seat, flow, room.call.state !== 'waiting', room.call.e2ee)}</span></div>`}
    <figcaption>${nameOf(seat)}</figcaption>
  </figure>`;
}

/** Who is missing: we, the lawyer whose connection broke, or the lawyer who has stepped out. */
function cutOffText(room: Room): string {
  if (room.call.state !== 'cut_off' || room.troubled) return t('连接中断，正在重连');
  return others(room.call).some((seat) => seat.role === 'lawyer') ? t('对方连接中断，请稍候') : t('律师暂时离开，可能会回来，请稍候');
}

/** The talk goes on while a side has lost its server: said small, over a picture that stays. */
function linkNote(room: Room): TemplateResult | typeof nothing {
  if (room.screen !== 'live') return nothing;
  const away = others(room.call).map((seat) => awayNote(seat, room.call.flows[seat.seat])).find((text) => text !== null);
  const text = room.troubled ? t('与服务器的联系中断，通话不受影响') : away;
  if (text) return html`<p class="link-note" role="status" data-testid="kiosk-link-note">${text}</p>`;
  // What a new key costs for a moment is nothing to a person here.
  return room.refused === 'none' || room.refused === 'moment' ? nothing
    : html`<p class="link-note" role="status" data-testid="frames-refused" data-kind=${room.refused}>${refusedText(room.refused)}</p>`;
}

function overlay(room: Room): TemplateResult | typeof nothing {
  if (room.screen !== 'cut-off') return nothing;
  return html`<div class="trouble" role="alert" data-testid="kiosk-cut-off">
    <strong>${cutOffText(room)}</strong>
    <span>${t('请留在座位上，恢复后会自动继续。')}</span>
    <span class="call-officer">${t('如有需要，请呼叫民警')}</span></div>`;
}

/** The time of the last five minutes stands large, once, in words too. */
function lastMinutes(room: Room): TemplateResult | typeof nothing {
  const end = room.call.ends_at_us;
  if (end === null || room.screen !== 'live') return nothing;
  const left = end - room.now_us;
  if (left > FIVE_MINUTES_US || left <= 0) return nothing;
  return html`<p class="last-minutes" role="status">${left <= ONE_MINUTE_US ? t('会见不到 1 分钟就要结束了') : t('会见将在 {n} 分钟内结束', { n: Math.ceil(left / ONE_MINUTE_US) })}</p>`;
}

function controls(room: Room): TemplateResult {
  return html`<div class="controls" role="group" aria-label=${t('会见操作')}>
    <button type="button" class="danger" data-testid="kiosk-end" @click=${room.askEnd}>${icon('stop')}<span>${t('结束会见')}</span></button>
    <button type="button" data-testid="kiosk-help" @click=${room.askHelp}>${icon('hand')}<span>${t('需要帮助')}</span></button>
  </div>`;
}

function card(room: Room): TemplateResult | typeof nothing {
  return codeCard({
    view: room.call.e2ee, now_ms: room.now_us / 1000, unread: room.unread, difference: room.difference, people: readers(room.call), same: room.same, different: room.askDifferent,
  });
}

export function meetingRoom(room: Room): TemplateResult {
  const seats = others(room.call);
  return html`<section class="meeting">
    <h1 class="hidden">${t('律师会见')}</h1>
    <header class="bar">${promise()}${timeLeft(room.call, room.now_us)}</header>
    <div class="stage" data-count=${Math.max(1, seats.length)}>
      ${seats.length === 0
        ? html`<div class="tile"><div class="cover">${icon('person')}<span>${t('等待律师返回')}</span></div></div>`
        : seats.map((seat) => tile(seat, room))}
      ${selfView(room.devices)}${codeMark(room.call.e2ee)}${lastMinutes(room)}${linkNote(room)}
      <div class="faults">${deviceFault('camera', room.devices?.videoFault ?? null)}${deviceFault('microphone', room.devices?.audioFault ?? null)}</div>
      ${unguarded(room.call)}${overlay(room)}
    </div>
    ${room.screen === 'live' ? card(room) : nothing}
    ${controls(room)}
  </section>`;
}

/** No transform on the senders, so no camera and no microphone: said wherever it happens. */
function unguarded(call: CallView): TemplateResult | typeof nothing {
  return call.unguarded ? html`<p class="problem unguarded" role="alert" data-testid="unguarded">${t('加密没有装上，所以没有接通摄像头和麦克风。正在重试。')}</p>` : nothing;
}

export function waitingRoom(room: Room): TemplateResult {
  const seats = others(room.call);
  const arrived = seats.some((seat) => seat.role === 'lawyer' && (seat.state === 'connected' || seat.state === 'admitted'));
  const name = pick(room.assignment?.lawyer.name ?? null);
  return html`<section class="meeting waiting-room">
    <header class="bar">${promise()}</header>
    <div class="waiting-columns">
      <div class="waiting-text">
        <h1>${arrived ? t('律师已到，即将开始') : t('正在等待律师进入')}</h1>
        ${name ? html`<div class="who" data-testid="kiosk-lawyer">${icon('person')}<div><strong>${t('{name} 律师', { name })}</strong><span>${pick(room.assignment?.lawyer.firm ?? null)}</span></div></div>` : nothing}
        ${room.call.starts_at_us === null || room.call.ends_at_us === null ? nothing
          : html`<p class="when">${icon('clock')}<span><b>${formatTime(room.call.starts_at_us)}–${formatTime(room.call.ends_at_us)}</b></span></p>`}
        <p>${t('请坐好，看着屏幕。')}<br />${t('律师现在还看不到您、听不到您。')}</p>
        ${e2eeLine(room.call.e2ee)}${unguarded(room.call)}
        ${deviceFault('camera', room.devices?.videoFault ?? null)}${deviceFault('microphone', room.devices?.audioFault ?? null)}
      </div>
      ${selfView(room.devices)}
    </div>
    ${controls(room)}
  </section>`;
}
