// SPDX-License-Identifier: Apache-2.0
// Web Awesome's dialog, with its own words in both languages. Use <wa-dialog label=… ?open=…> in a template, listen to
// @wa-after-hide, and let askedToClose() keep other elements' hide events apart.
import '@awesome.me/webawesome/dist/components/dialog/dialog.js';
import '@awesome.me/webawesome/dist/translations/zh-cn.js';

/** TRUE when the event comes from the dialog itself and not from something inside it. */
export function isOwnEvent(event: Event): boolean {
  return event.target === event.currentTarget;
}
