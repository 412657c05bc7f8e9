// SPDX-License-Identifier: Apache-2.0
// Words for seats, presence and the acts of the record, as desk and supervisor read them.
import type { Words } from '../lib/model';
import { roleName } from '../ui/header';
import { tag, type Tone } from '../ui/shapes';
import type { TemplateResult } from 'lit';
import { mark, pick, t } from '../ui/text';
import { endReasonText, seatStateText } from '../ui/words';

export function seatTone(state: string): Tone {
  const tones: Record<string, Tone> = { waiting: 'warn', connected: 'info', admitted: 'good', dropped: 'bad', left: 'plain' };
  return tones[state] ?? 'plain';
}

export function seatTag(role: string, state: string, name: Words = ''): TemplateResult {
  return tag(seatTone(state), `${pick(name) || seatName(role)} · ${seatStateText(state)}`, `seat-${role}`);
}

/** The seat of the kiosk is the detainee's. */
export function seatName(role: string): string {
  return role === 'kiosk' || role === 'detainee' ? t('在押人员一方') : role === 'lawyer' ? t('律师一方') : roleName(role);
}

/** Names of acts (src/access/rights.c) to words; an act not in the table is shown as the record writes it. */
const ACTS: Record<string, string> = {
  'login': mark('登录'),
  'logout': mark('退出登录'),
  'me': mark('查看本人账号'),
  'change-password': mark('修改本人密码'),
  'ticket': mark('领取连接凭证'),
  'list-cases': mark('查看委托人名单'),
  'check-eligibility': mark('核查会见资格'),
  'list-slots': mark('查看可约时段'),
  'book': mark('提出会见申请'),
  'list-bookings': mark('查看预约名单'),
  'show-booking': mark('查看预约'),
  'cancel': mark('取消会见'),
  'confirm': mark('确认预约'),
  'check-in': mark('核验到位'),
  'device-check': mark('设备检测'),
  'hello': mark('建立连接'),
  'join': mark('进入会见室'),
  'leave': mark('离开会见室'),
  'drop': mark('掉线'),
  'resume': mark('恢复连接'),
  'admit': mark('会见开始'),
  'let-in': mark('准许进入'),
  'end': mark('会见结束'),
  'follow': mark('查看实时名单'),
  'list-meetings': mark('查看会见记录名单'),
  'show-meeting': mark('查阅会见记录'),
  'list-clocks': mark('查看 48 小时期限'),
  'list-centres': mark('查看看守所名单'),
  'create-centre': mark('新增看守所'),
  'update-centre': mark('修改看守所'),
  'list-policies': mark('查看会见安排规则'),
  'update-policy': mark('修改会见安排规则'),
  'list-rooms': mark('查看会见室名单'),
  'create-room': mark('新增会见室'),
  'update-room': mark('修改会见室'),
  'list-kiosks': mark('查看会见终端名单'),
  'create-kiosk': mark('登记会见终端'),
  'update-kiosk': mark('修改会见终端'),
  'enrol-kiosk': mark('会见终端入网'),
  'list-accounts': mark('查看账号名单'),
  'create-account': mark('新增账号'),
  'update-account': mark('修改账号'),
  'set-password': mark('重设密码'),
  'list-lawyers': mark('查找律师'),
  'list-audit': mark('查阅审计记录'),
  'import': mark('导入案件记录'),
  'list-devices': mark('查看本人设备'),
  'add-device': mark('登记本人设备'),
  'remove-device': mark('移除本人设备'),
  'add-participant': mark('增加参加律师'),
  'remove-participant': mark('移除参加律师'),
  'secured': mark('端到端加密已建立'),
  'verify': mark('核对安全码'),
  'code-same': mark('核对安全码：一致'),
  'code-different': mark('核对安全码：不一致'),
  'cut-off': mark('会见中断'),
  'restore': mark('会见恢复'),
  'not-held': mark('到时未会见'),
  'overdue': mark('超过 48 小时未会见'),
};

export function actText(act: string): string {
  const words = ACTS[act];
  return words ? t(words) : act;
}

export function actorText(actor: Words, role: string): string {
  const name = pick(actor);
  const part = role ? roleOf(role) : '';
  return name && part && name !== role ? t('{name}（{note}）', { name, note: part }) : name && name !== role ? name : part;
}

function roleOf(role: string): string {
  switch (role) {
    case 'machine': return t('系统');
    case 'operator': return t('系统维护人员');
    case 'nobody': return t('未登录');
    default: return roleName(role);
  }
}

/** Codes of refusals (src/base/refusal.c), end reasons, or what a person wrote. */
const REFUSALS: Record<string, string> = {
  'invalid': mark('请求内容有误'),
  'sign-in': mark('未登录'),
  'login-failed': mark('账号或密码不正确'),
  'login-delayed': mark('尝试次数过多'),
  'password-weak': mark('密码强度不够'),
  'not-found': mark('不存在或无权'),
  'not-eligible': mark('会见资格核查未通过'),
  'slot-taken': mark('时段已被预约'),
  'slot-closed': mark('时段不开放'),
  'state': mark('当前状态不允许'),
  'token': mark('凭证无效'),
  'exists': mark('已经存在'),
  'too-many': mark('数量超过上限'),
  'device': mark('设备未登记或已移除'),
  'unapproved': mark('终端未经批准'),
  'unavailable': mark('服务暂不可用'),
  'failed': mark('系统故障'),
  // Why the machine took a seat away.
  'dropped': mark('掉线后未恢复'),
};

export function reasonText(reason: string): string {
  const words = REFUSALS[reason];
  return words ? t(words) : endReasonText(reason);
}

/** Whether an act was done: `done` or `refused` in an audit entry, nothing in a time of the meeting itself. */
export function wentThrough(result: string): boolean {
  return result === '' || result === 'done';
}
