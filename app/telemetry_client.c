#include "telemetry_client.h"

#include "runtime.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_MAX 65536u
#define TIMEOUT_S 2

// Whose answers are shown: root's, our own, and those of the user whom root gave a folder in /run, as
// a service has one. Anyone can make a folder in /tmp/dpdk.
static bool is_trusted(uid_t user, const char *folder) {
	static const char run[] = "/run/";
	if (user == 0 || user == geteuid())
		return true;
	if (strncmp(folder, run, strlen(run)) != 0)
		return false;
	char service[PATH_MAX];
	size_t len = strlen(run) + strcspn(folder + strlen(run), "/");
	struct stat info;
	snprintf(service, sizeof(service), "%.*s", (int)len, folder);
	return lstat(service, &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == user;
}

static int check_folder(const char *folder) {
	struct stat info;
	if (lstat(folder, &info) < 0)
		return -errno;
	return S_ISDIR(info.st_mode) && is_trusted(info.st_uid, folder) ? 0 : -EPERM;
}

static int check_peer(int fd, const char *folder) {
	struct ucred peer;
	socklen_t len = sizeof(peer);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return -errno;
	return is_trusted(peer.uid, folder) ? 0 : -EPERM;
}

// The greeting tells DPDK's version and its longest answer; nothing of it is needed.
static int read_greeting(int fd) {
	char greeting[1024];
	return recv(fd, greeting, sizeof(greeting), 0) < 0 ? -errno : 0;
}

int telemetry_client_open(const char *folder) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int len =
		snprintf(address.sun_path, sizeof(address.sun_path), "%s/" RUNTIME_SOCKET, folder);
	if (len >= (int)sizeof(address.sun_path))
		return -ENAMETOOLONG;
	int r = check_folder(folder);
	if (r < 0)
		return r;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	struct timeval timeout = {.tv_sec = TIMEOUT_S};
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		r = -errno;
	if (r == 0)
		r = check_peer(fd, folder);
	if (r == 0)
		r = read_greeting(fd);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

static json_t *with_dots(json_t *answer) {
	json_t *renamed = json_object();
	const char *key;
	json_t *value;
	json_object_foreach (answer, key, value) {
		char name[128];
		snprintf(name, sizeof(name), "%s", key);
		for (char *slash = name; (slash = strchr(slash, '/')) != NULL;)
			*slash = '.';
		json_object_set(renamed, name, value);
	}
	return renamed;
}

json_t *telemetry_client_ask(int fd, const char *command) {
	char answer[ANSWER_MAX];
	if (send(fd, command, strlen(command), MSG_NOSIGNAL) < 0)
		return NULL;
	ssize_t len = recv(fd, answer, sizeof(answer), 0);
	if (len < 0)
		return NULL;
	// {"/metlo/lcore": {...}}, or null in the place of the object
	json_t *root = json_loadb(answer, (size_t)len, 0, NULL);
	json_t *body = json_object_iter_value(json_object_iter(root));
	json_t *result = json_is_object(body) ? with_dots(body) : NULL;
	json_decref(root);
	if (result == NULL)
		errno = EPROTO;
	return result;
}
