/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include <jansson.h>

#include "src/records/validators.h"
#include "src/store/store.h"

G_BEGIN_DECLS

/* One record on its way in. It is read to its end first, so that everything that is wrong is named at once; then
 * hj_intake_accept() opens a savepoint and the rows are written. What fails once makes the rest do nothing. */
typedef struct
{
  HjStore *store;      /* not owned */
  GStringChunk *texts; /* not owned: ids and texts that live as long as the batch */
  json_t *problems;    /* not owned: an array, for all lines of the batch */
  gint64 now_us;
  gint64 line;

  const char *kind; /* (nullable): the envelope, owned by the line's JSON */
  const char *key;
  const char *source;
  gint64 version;
  const char *id; /* our id of this record, known or new */
  gboolean is_new;

  const json_t *data;
  const json_t *object; /* what is being read: data, or an object in it */
  char place[64];       /* where that stands: "", "papers[2]." */
  int n_problems;
  gboolean is_refused;
  gboolean is_warned;
  gboolean is_open; /* the savepoint */
  GError *failure;  /* (owned) (nullable): of the store */
} HjIntake;

typedef void (*HjIntakeTake) (HjIntake *in);

/* How a record of one kind comes in. */
typedef struct
{
  const char *kind;
  HjIntakeTake take;
  const char *
      find_by_key; /* (nullable): SQL for a row that the administrator may have made before a source named it */
} HjIntakeKind;

void hj_intake_refuse (HjIntake *in, const char *code, const char *member);
void hj_intake_warn (HjIntake *in, const char *code, const char *member);
void hj_intake_remark (HjIntake *in, const char *code, const char *member);
gboolean hj_intake_enter (HjIntake *in, const char *member, gsize index, const json_t *item);
void hj_intake_leave (HjIntake *in);
void hj_intake_know (HjIntake *in, const char *const *members);

const char *hj_intake_text (HjIntake *in, const char *member, gsize max_bytes);
const char *hj_intake_optional_text (HjIntake *in, const char *member, gsize max_bytes);
const char *hj_intake_word (HjIntake *in, const char *member, const char *const *words);
const char *hj_intake_optional_word (HjIntake *in, const char *member, const char *const *words);
const char *hj_intake_date (HjIntake *in, const char *member);
const char *hj_intake_optional_date (HjIntake *in, const char *member);
gint64 hj_intake_time (HjIntake *in, const char *member);
gint64 hj_intake_optional_time (HjIntake *in, const char *member);
gboolean hj_intake_boolean (HjIntake *in, const char *member, gboolean fallback);
gboolean hj_intake_enter_object (HjIntake *in, const char *member);
const json_t *hj_intake_array (HjIntake *in, const char *member, gsize max_items);
const char *hj_intake_item (HjIntake *in, const char *member, gsize index, const json_t *item);

void hj_intake_check (HjIntake *in, const char *member, const char *text, HjValidator validator);
const char *hj_intake_find (HjIntake *in, const char *sql, const char *key);
const char *hj_intake_reference (HjIntake *in, const char *member, const char *sql);

gboolean hj_intake_accept (HjIntake *in);
void hj_intake_run (HjIntake *in, const char *sql, const HjBind *binds);

extern const char HJ_FIND_CENTRE[];
extern const char HJ_FIND_FIRM[];
extern const char HJ_FIND_LAWYER[];
extern const char HJ_FIND_PERSON[];
extern const char HJ_FIND_CASE[];
extern const char HJ_FIND_DETAINEE[];
extern const char *const HJ_STAGE_WORDS[];

void hj_take_centre (HjIntake *in);
void hj_take_room (HjIntake *in);
void hj_take_firm (HjIntake *in);
void hj_take_lawyer (HjIntake *in);
void hj_take_person (HjIntake *in);
void hj_take_case (HjIntake *in);
void hj_take_detainee (HjIntake *in);
void hj_take_custody_event (HjIntake *in);
void hj_take_authority (HjIntake *in);
void hj_take_permission (HjIntake *in);

G_END_DECLS
