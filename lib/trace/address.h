#pragma once

// Text of IP addresses.

#include <stddef.h>
#include <stdint.h>

#define ADDRESS_TEXT_MAX 39u

// IPv6 as RFC 5952 wants it, IPv4-mapped ones as dotted quads. Puts at most ADDRESS_TEXT_MAX bytes at
// 'to', without a zero at the end; returns how many.
size_t address_put(uint8_t *to, const uint8_t address[static 16]);
