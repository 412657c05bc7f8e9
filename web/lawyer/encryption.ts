// SPDX-License-Identifier: Apache-2.0
// Whether this browser can hold a meeting at all: one that cannot encrypt from end to end is told so days before, with the
// versions that can (docs/e2ee.md, section 5).
import { unsupportedReason, type Unsupported } from '../lib/devices';
import { E2EE_BROWSERS } from '../lib/e2ee/support';
import { html, nothing, type TemplateResult } from '../ui/element';
import { notice } from '../ui/shapes';
import { t } from '../ui/text';

export function versionsThatWork(): string {
  return t('可用的浏览器：Chrome 或 Edge {chrome} 以上，Firefox {firefox} 以上，Safari {safari} 以上；国产浏览器请用极速模式并更新到最新版本。', E2EE_BROWSERS);
}

/** Why not, and what helps. */
export function unfit(reason: Unsupported): TemplateResult {
  if (reason === 'insecure') {
    return notice('bad', t('不能在此连接上会见'), t('本页面不是以 https 打开的，浏览器因此不允许使用摄像头和加密。请改用 https 开头的网址。'));
  }
  return notice('bad', t('此浏览器不能用来会见'), html`
    <p>${reason === 'encryption' ? t('会见的声音和画面必须从一端加密到另一端，没有不加密的方式，而此浏览器做不到。请在会见前更换浏览器，再检测设备。')
      : t('此浏览器不支持视频会见。请在会见前更换浏览器，再检测设备。')}</p>
    <p data-testid="browser-versions">${versionsThatWork()}</p>`);
}

/** For the pages before the meeting; nothing where all is well. */
export function unfitNotice(): TemplateResult | typeof nothing {
  const reason = unsupportedReason();
  return reason === null ? nothing : html`<div data-testid="browser-unfit">${unfit(reason)}</div>`;
}
