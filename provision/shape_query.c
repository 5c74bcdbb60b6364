#include "shape.h"
#include "uri.h"

#define NAME_CAP 4096

// 'name' is that of the field at hand; what is below it appends to it and cuts it again.
struct writer {
	enum shape_dialect dialect;
	struct strbuf *buf;
	struct strbuf name;
};

static void write_fields(struct writer *writer, const struct shape *shape, const void *object);

static void write_value(struct writer *writer, struct slice value) {
	strbuf_add_char(writer->buf, '&');
	strbuf_add_slice(writer->buf, strbuf_slice(&writer->name));
	strbuf_add_char(writer->buf, '=');
	uri_encode(writer->buf, value, false);
}

static void add_index(struct writer *writer, size_t i) {
	const char *middle = writer->dialect == SHAPE_DIALECT_EC2 ? "" : ".member";
	strbuf_printf(&writer->name, "%s.%zu", middle, i + 1);
}

static void write_strings(struct writer *writer, const struct shape_strings *strings) {
	size_t len = writer->name.len;
	for (size_t i = 0; i < strings->n; i++) {
		add_index(writer, i);
		write_value(writer, slice_of_string(strings->items[i]));
		strbuf_cut(&writer->name, len);
	}
}

static void
write_list(struct writer *writer, const struct shape *shape, const struct shape_list *list) {
	size_t len = writer->name.len;
	for (size_t i = 0; i < list->n; i++) {
		add_index(writer, i);
		write_fields(writer, shape, (const char *)list->items + i * shape->size);
		strbuf_cut(&writer->name, len);
	}
}

static void write_leaf(struct writer *writer, const struct shape_field *field, const void *object) {
	struct strbuf text;
	strbuf_init(&text, writer->buf->cap);
	if (shape_leaf_text(field, object, &text))
		write_value(writer, strbuf_slice(&text));
	if (writer->buf->status == 0)
		writer->buf->status = strbuf_status(&text);
	strbuf_release(&text);
}

// "DestinationPortRange/FromPort" is "DestinationPortRange.FromPort" here.
static void add_name(struct strbuf *name, const char *field) {
	if (name->len > 0 && field[0] != 0)
		strbuf_add_char(name, '.');
	for (; *field != 0; field++)
		strbuf_add_char(name, *field == '/' ? '.' : *field);
}

static void write_fields(struct writer *writer, const struct shape *shape, const void *object) {
	size_t len = writer->name.len;
	for (size_t i = 0; i < shape->n_fields; i++) {
		const struct shape_field *field = &shape->fields[i];
		const void *value = (const char *)object + field->offset;
		add_name(&writer->name, field->name);
		if (field->type == SHAPE_TYPE_STRUCT)
			write_fields(writer, field->shape, value);
		else if (field->type == SHAPE_TYPE_STRINGS)
			write_strings(writer, value);
		else if (field->type == SHAPE_TYPE_LIST)
			write_list(writer, field->shape, value);
		else
			write_leaf(writer, field, object);
		strbuf_cut(&writer->name, len);
	}
}

void shape_write_query(
	const struct shape *shape,
	const void *object,
	enum shape_dialect dialect,
	struct strbuf *buf
) {
	struct writer writer = {.dialect = dialect, .buf = buf};
	strbuf_init(&writer.name, NAME_CAP);
	write_fields(&writer, shape, object);
	if (buf->status == 0)
		buf->status = strbuf_status(&writer.name);
	strbuf_release(&writer.name);
}
