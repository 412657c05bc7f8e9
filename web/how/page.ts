// SPDX-License-Identifier: Apache-2.0
// The page behind "How do I know?": open to everybody, signed in or not.
import { HjElement, customElement, html } from '../ui/element';
import '../ui/header';
import { promise } from '../ui/promise';
import { t } from '../ui/text';

@customElement('hj-how')
export class HjHow extends HjElement {
  protected override render() {
    document.title = `${t('如何保证？')} · ${t('会见')}`;
    return html`<hj-header></hj-header><main id="main" class="hj-main" tabindex="-1">${promise()}</main>`;
  }
}
