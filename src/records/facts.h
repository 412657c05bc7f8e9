/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "src/base/types.h"

G_BEGIN_DECLS

/* What the records say, at one moment, about one authority to act: all that a rule of eligibility needs, and no judgement.
 * Every text is owned by the facts. "Active at T" means signed at or before T and not revoked at or before T. */

typedef enum
{
  HJ_STAGE_INVESTIGATION,   /* 侦查 */
  HJ_STAGE_PROSECUTION,     /* 审查起诉 */
  HJ_STAGE_FIRST_INSTANCE,  /* 一审 */
  HJ_STAGE_SECOND_INSTANCE, /* 二审 */
  HJ_STAGE_DEATH_REVIEW,    /* 死刑复核 */
  HJ_STAGE_EXECUTION,       /* 执行 */
  HJ_STAGE_N
} HjStage;

typedef enum
{
  HJ_PAPER_LICENCE,           /* 律师执业证书 */
  HJ_PAPER_FIRM_LETTER,       /* 律师事务所证明 */
  HJ_PAPER_POWER_OF_ATTORNEY, /* 委托书 */
  HJ_PAPER_LEGAL_AID_LETTER,  /* 法律援助公函 */
  HJ_PAPER_N
} HjPaperKind;

typedef struct
{
  gboolean present;
  char *number;    /* (nullable) */
  char *issued_on; /* YYYY-MM-DD, NULL when not present */
  char *valid_to;  /* (nullable): YYYY-MM-DD, the last day */
} HjPaperFacts;

/* An authority of the same lawyer for another person of the same case, or of a case that is linked to it; not as duty
 * lawyer, who defends nobody. */
typedef struct
{
  char *authority;
  char *person;
  char *case_file;
  gboolean linked; /* FALSE: the same case */
  gboolean active; /* at at_us; FALSE: held once, revoked since */
} HjOtherDefendant;

typedef struct
{
  gint64 at_us; /* the moment that these facts are about */

  struct
  {
    char *id;
    char *kind; /* retained_by_self, retained_by_relative, legal_aid, duty */
    gint64 signed_at_us;
    gint64 revoked_at_us; /* -1: not revoked */
    gboolean active;      /* at at_us */
    guint stages;         /* bit (1u << HjStage) for each stage that it names; 0: none */
  } authority;
  HjPaperFacts papers[HJ_PAPER_N];

  struct
  {
    char *id;
    char *licence;
    char *name;
    char *kind; /* full_time, part_time, public, company, legal_aid, military */
    char *
        status; /* (nullable): practising, suspended, cancelled, revoked, transferring; NULL: no status on record */
    gint64 status_from_us; /* of that status; 0 without one */
    gint64 status_to_us;   /* -1: open */
  } lawyer;
  struct
  {
    char *id;
    char *code;
    char *name;
  } firm;

  struct
  {
    char *id;
    char *charge;
    HjStage stage;
    gboolean permission_required;
    char *number;          /* (nullable): the identifier of the latest stage */
    gboolean names_person; /* the person is a suspect or defendant of this case */
    guint
        n_active_lawyers; /* lawyers with an active authority for this person in this case, duty excluded, this one included */
    guint n_active_legal_aid; /* of these, assigned by legal aid */
  } case_file;
  char *
      permission; /* (nullable): the newest for case, person and lawyer: requested, granted, refused; NULL: none */
  gint64 permission_at_us; /* 0 without one */

  struct
  {
    char *id;
    char *name;
    char *born; /* (nullable): YYYY-MM-DD */
  } person;

  /* The person's current stay: in custody before not, at the centre asked for before others, then the newest. */
  struct
  {
    char *id; /* (nullable): NULL: never admitted anywhere; the rest is NULL then */
    char *code;
    char *state; /* in_custody, temporarily_out, transferred, released, died, escaped */
    char *centre;
    char *centre_name_zh;
    char *centre_name_en;
    char *case_file;
    char *
        last_event; /* (nullable): the newest custody event's kind (MEDICAL_ISOLATION, SOLITARY, ...) */
    gint64 last_event_at_us; /* 0 without one */
  } detainee;
  char *centre; /* (nullable): the centre that was asked for */

  GPtrArray *other_defendants; /* (element-type HjOtherDefendant): never NULL */
} HjFacts;

HjFacts *hj_facts_load (HjStore *store, const char *authority, const char *centre, gint64 at_us,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void hj_facts_free (HjFacts *self);

const char *hj_stage_word (HjStage stage);
HjStage hj_stage_from_word (const char *word);
const char *hj_paper_kind_word (HjPaperKind kind);
HjPaperKind hj_paper_kind_from_word (const char *word);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjFacts, hj_facts_free)

G_END_DECLS
