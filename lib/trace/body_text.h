#pragma once

// The kept body of a message as the inside of a JSON string, straight from the blocks it lies in.

#include "json_escape.h"
#include "message.h"

// Like json_escape_body() of the whole body, with room at 'to' for JSON_ESCAPE_ROOM() of its length.
// 'is_cut': an incomplete character at its end is left out.
size_t body_text_escape(uint8_t *to, const struct message *m, bool is_cut);
