// SPDX-License-Identifier: Apache-2.0
// Words for the codes of the records (docs/glossary.md): stage of a case, kind of authority, result of a device check,
// why a meeting ended.
import type { DeviceResult } from '../lib/model';
import type { SeatState } from '../lib/protocol';
import './english';
import { t } from './text';

export function stageText(stage: string): string {
  switch (stage) {
    case 'investigation': return t('侦查阶段');
    case 'prosecution': return t('审查起诉阶段');
    case 'first_instance': return t('一审阶段');
    case 'second_instance': return t('二审阶段');
    case 'death_review': return t('死刑复核阶段');
    case 'execution': return t('执行阶段');
    default: return stage;
  }
}

export function authorityText(kind: string): string {
  switch (kind) {
    case 'retained_by_self': return t('本人委托');
    case 'retained_by_relative': return t('近亲属委托');
    case 'legal_aid': return t('法律援助指派');
    case 'duty': return t('值班律师');
    default: return kind;
  }
}

export function deviceText(result: DeviceResult | string): string {
  switch (result) {
    case 'ok': return t('正常');
    case 'failed': return t('不正常');
    case 'skipped': return t('未检测');
    case 'none': return t('没有设备');
    default: return result;
  }
}

export function seatStateText(state: SeatState | string): string {
  switch (state) {
    case 'waiting': return t('已进入，正在连接');
    case 'connected': return t('已连接，等候中');
    case 'admitted': return t('会见中');
    case 'dropped': return t('连接中断，等待返回');
    case 'left': return t('已离开');
    default: return state;
  }
}

export function qualityText(level: number | null): string {
  switch (level) {
    case 1: return t('连接较差');
    case 2: return t('连接一般');
    case 3: return t('连接良好');
    default: return t('正在测量连接');
  }
}

/** Why a meeting ended: what a person chose, or the machine's own reason. */
export function endReasonText(reason: string | null): string {
  switch (reason) {
    case 'done': return t('会见完毕');
    case 'help': return t('需要民警协助');
    case 'fault': return t('设备或网络故障');
    case 'identity': return t('身份有疑问');
    case 'other': return t('其他原因');
    case 'abandoned': return t('各方均未返回，系统结束');
    case 'cancelled': return t('预约已取消');
    case 'code-different': return t('安全码不一致');
    case null: return '';
    default: return reason;
  }
}
