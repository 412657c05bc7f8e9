// SPDX-License-Identifier: Apache-2.0
// What stands behind the banner of confidentiality, in plain words, and what does not: the short form under the banner, and
// the page /how/. The same content as docs/threats.md.
import { html, nothing, type TemplateResult } from 'lit';
import './english';
import './icons';
import { t } from './text';

/** A link to the page, in a tab of its own: nobody shall leave a meeting by reading on. */
export function howLink(): TemplateResult {
  return html`<a href="/how/" target="_blank" rel="noopener" data-testid="how-link">${t('如何保证？')}<span class="hj-hidden">${t('（在新标签页打开）')}</span></a>`;
}

export function howEnsured(): TemplateResult {
  return html`<details class="hj-how" data-testid="confidentiality-how"><summary>${t('如何保证？')}</summary>
    <ul>
      <li>${t('声音和画面在您的设备上加密，到对方的设备上才解密。中间的服务器只有密文，没有钥匙，也没有录音录像的程序。')}</li>
      <li>${t('请与对方互相念出屏幕上的六位安全码。一致，说明没有人夹在中间；不一致，按“不一致”并确认，声音和画面立即停止。')}</li>
      <li>${t('监督员、登记台和平台运营者只知道谁在何时会见、多久、连接好坏，看不到画面，听不到声音。')}</li>
      <li>${t('软件防不住：房间里暗藏的麦克风或摄像头，被动过手脚的电脑或会见终端，被服务器换掉的网页程序。')}</li>
    </ul>
    <p><a href="/how/" target="_blank" rel="noopener">${t('阅读全文')}<span class="hj-hidden">${t('（在新标签页打开）')}</span></a></p></details>`;
}

function part(id: string, icon: string, title: string, points: (string | TemplateResult)[], lead = ''): TemplateResult {
  return html`<section class="hj-card" aria-labelledby=${id} data-testid=${id}>
    <h2 id=${id}><wa-icon name=${icon}></wa-icon> ${title}</h2>
    ${lead ? html`<p>${lead}</p>` : nothing}
    <ul>${points.map((point) => html`<li>${point}</li>`)}</ul></section>`;
}

const named = (name: string, text: string) => html`<strong>${name}</strong>${t('：')}${text}`;

function protects(): TemplateResult {
  return part('how-protects', 'shield', t('什么在保护'), [
    t('声音和画面在律师的浏览器和会见终端里加密，到对方才解密。服务器转发的只有密文，没有钥匙，不能解码，没有录音录像的程序。'),
    t('没有“不加密”的方式，也没有可以关掉加密的开关。加密没有建立，摄像头和麦克风就不接通；不是对方加密的声音和画面，一概丢弃。'),
    t('每一端都用自己设备的密钥签名。终端的密钥由看守所管理员核对指纹后才批准；您的浏览器的密钥不能导出，登记在“我的设备”里。'),
    t('每次有人加入或离开，都换新的钥匙。服务器告知某人已离开后，此人打不开之后的声音和画面。'),
  ]);
}

function check(): TemplateResult {
  return part('how-check', 'check', t('您自己可以核对什么'), [
    named(t('六位安全码'), t('会见开始时，双方屏幕上有六位数字，请互相念出。相同，就没有人夹在中间：夹在中间的人每次只有百万分之一的机会蒙对，每端十分钟内至多试二十次，超过即停止。不同，请按“不一致”并确认：您的声音和画面立即停止，不论服务器怎样，会见随即结束并留下记录。')),
    named(t('有人加入或离开时'), t('安全码会换，请再念一次。')),
    named(t('参加人'), t('只有屏幕上列出的人拿到钥匙。名字由服务器提供，安全码只证明设备。有不认识的人，请结束会见。')),
    named(t('“我的设备”'), t('列出以您的名义登记的每个浏览器。有不认识的，请移除并修改密码。')),
  ]);
}

function others(): TemplateResult {
  return part('how-others', 'person', t('谁还能做什么'), [
    named(t('平台运营者，或控制了服务器的人'), t('知道谁与谁在何时会见、多久；能不让会见接通，或者中断它。经过服务器的声音和画面看不到、听不到；但能换掉发给您的网页程序，见下面“没有解决的”。')),
    named(t('监督员（驻所检察官、司法行政机关）'), t('看到同样的时间、人员和连接状况，每次查阅都留下记录。看不到、听不到。')),
    named(t('看守所登记台和管理员'), t('核验身份、结束会见；建立账号、批准终端，目前一名管理员就能办。看不到、听不到。')),
    named(t('知道您密码的人'), t('能以您的名义登录并登记自己的设备。目前只有密码，没有第二重验证。请保管好密码，并看“我的设备”。')),
  ]);
}

function unsolved(): TemplateResult {
  return part('how-unsolved', 'alert', t('没有解决的'), [
    named(t('暗藏的麦克风或摄像头'), t('房间里有，软件看不见。法律禁止监听，检查房间要靠人。')),
    named(t('被动过手脚的终端或电脑'), t('在上面能运行程序的人什么都看得到、听得到。您的电脑中了木马，也是一样。')),
    named(t('网页程序来自服务器'), t('您的浏览器每次从服务器取得这个网页。控制服务器的人可以换成别的程序，甚至只换给某一个人，让它显示假的安全码。会见终端的程序装在终端里，不来自服务器。')),
    named(t('没有人念的安全码'), t('不核对，六位数字就不起作用。它证明的是钥匙，不是人：有人模仿声音和面容，数字看不出来。')),
    named(t('谁、何时、多久'), t('这些运营者和监督员看得到，网络上的人也能从流量看出有人在通话。会见记录可以被掌握服务器最高权限的人改动，目前还没有外部见证。')),
  ], t('下面这些，没有哪个软件能替您保证，或者本平台还没有做到：'));
}

/** The whole of it. */
export function promise(): TemplateResult {
  return html`<div class="hj-prose">
    <h1 tabindex="-1">${t('怎么知道没有人在听？')}</h1>
    <p>${t('律师会见在押的犯罪嫌疑人、被告人不被监听（《刑事诉讼法》第三十九条）。这里说明：平台用什么做到，您怎样自己核对，什么做不到。')}</p>
    ${protects()}${check()}${others()}${unsolved()}
    <p class="hj-quiet">${t('技术细节见本软件公开的源代码和其中的文件 docs/e2ee.md、docs/threats.md。')}</p></div>`;
}
