/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/access/act.h"

G_BEGIN_DECLS

/* One operation of the REST interface (docs/openapi.yaml). */
typedef struct
{
  const char *method;
  const char *path; /* below /api/; a part in braces becomes a member of the input */
  const HjActKind *kind;
  guint status; /* of success; 204 answers nothing */
} HjRoute;

const HjRoute *
hj_route_find (const char *method, const char *path, json_t *input, char **ret_allowed);
const HjActKind *hj_route_find_kind (const char *act);
const HjRoute *hj_route_nth (guint n);

G_END_DECLS
