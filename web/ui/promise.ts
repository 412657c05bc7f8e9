// SPDX-License-Identifier: Apache-2.0
// What stands behind the banner of confidentiality, in plain words, and what does not (docs/threat-model.md).
import { html, type TemplateResult } from 'lit';
import './english';
import { t } from './text';

export function howEnsured(): TemplateResult {
  return html`<details class="hj-how" data-testid="confidentiality-how"><summary>${t('如何保证？')}</summary>
    <ul>
      <li>${t('本服务没有录音录像的程序，不保存声音和画面。')}</li>
      <li>${t('监督员和登记台只看到会见的时间、参加人和连接状况，看不到画面，听不到声音。')}</li>
      <li>${t('声音和画面在您的电脑与中转服务器之间、中转服务器与会见终端之间，分别加密传输（DTLS-SRTP）。')}</li>
      <li>${t('目前还没有从一端到另一端的加密：转发时，声音和画面在中转服务器的内存中短暂未加密，控制该服务器的人在技术上能够看到。')}</li>
      <li>${t('任何软件都防不住：房间里暗藏的麦克风或摄像头，被动过手脚的电脑或会见终端。')}</li>
    </ul></details>`;
}
