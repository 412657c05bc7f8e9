/* SPDX-License-Identifier: Apache-2.0 */
/* The words of stages and papers as they stand in the store and on the wire. Any thread. */

#include "src/records/facts.h"

static const char *const STAGES[HJ_STAGE_N] = { "investigation", "prosecution", "first_instance",
  "second_instance", "death_review", "execution" };
static const char *const PAPERS[HJ_PAPER_N]
    = { "licence", "firm_letter", "power_of_attorney", "legal_aid_letter" };

/* Returns: (transfer none). */
const char *
hj_stage_word (HjStage stage)
{
  g_return_val_if_fail (stage < HJ_STAGE_N, NULL);
  return STAGES[stage];
}

/* Returns: HJ_STAGE_N for another word. */
HjStage
hj_stage_from_word (const char *word)
{
  for (guint i = 0; i < HJ_STAGE_N; i++)
    if (g_strcmp0 (word, STAGES[i]) == 0)
      return (HjStage)i;
  return HJ_STAGE_N;
}

/* Returns: (transfer none). */
const char *
hj_paper_kind_word (HjPaperKind kind)
{
  g_return_val_if_fail (kind < HJ_PAPER_N, NULL);
  return PAPERS[kind];
}

/* Returns: HJ_PAPER_N for another word. */
HjPaperKind
hj_paper_kind_from_word (const char *word)
{
  for (guint i = 0; i < HJ_PAPER_N; i++)
    if (g_strcmp0 (word, PAPERS[i]) == 0)
      return (HjPaperKind)i;
  return HJ_PAPER_N;
}
