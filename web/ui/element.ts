// SPDX-License-Identifier: Apache-2.0
// The base of every element of ours. It renders into the light DOM, so that one style sheet dresses all of it, labels
// and descriptions may refer to each other, and tests from outside find data-testid with a plain selector.
import { LitElement } from 'lit';
import { followLocale } from './text';

export { html, nothing } from 'lit';
export type { TemplateResult } from 'lit';
export { customElement, property, state } from 'lit/decorators.js';

export abstract class HjElement extends LitElement {
  constructor() {
    super();
    followLocale(this);
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }
}
