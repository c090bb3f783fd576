/* A camera behind the same interface as the kernel's, written against the kernel's own header: loaded before libc (LD_PRELOAD), it answers
 * open, ioctl, mmap and close for the files of the folder V4L2_DOUBLE. v4l2-ctl, another program's client, streams from it in the tests.
 *
 * A camera is a text file, one word and its value a line:
 *   card NAME, bus NAME, pixels YUYV WIDTH HEIGHT RATE, jpeg FILE WIDTH HEIGHT RATE (in the order of the driver's lists)
 *   forbidden | busy | output             what is wrong with it
 *   gone N | silent N | damaged N         what happens with picture N
 * While it streams, the file NAME.streaming exists beside it; a second stream finds it busy.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define SIZES 16
#define BUFFERS 8
#define FILES 1024

struct mode { uint32_t format, width, height, rate; char file[256]; };
struct camera {
    char path[512], card[32], bus[32];
    struct mode modes[SIZES];
    int count, busy, output, gone, silent, damaged, streaming, picture, made;
    struct mode now;
    void *memory[BUFFERS];
    int queued[BUFFERS], order, mapped;
};
static struct camera *cameras[FILES];

static uint32_t fourcc(const char *name) { return v4l2_fourcc(name[0], name[1], name[2], name[3]); }
static uint32_t length(const struct mode *mode) { return mode->width * mode->height * 2; }

static int ours(const char *path) {
    const char *folder = getenv("V4L2_DOUBLE");
    size_t size = folder ? strlen(folder) : 0;
    return size && path && !strncmp(path, folder, size) && path[size] == '/' && strstr(path, "video") && !strstr(path, ".streaming");
}

static int start(const char *path) {
    int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open64");
    char line[512], file[256], name[8];
    int text = real(path, O_RDONLY | O_CLOEXEC);
    if (text < 0) return -1;
    FILE *lines = fdopen(text, "r");
    struct camera *camera = calloc(1, sizeof *camera);
    camera->gone = camera->silent = camera->damaged = -1;
    snprintf(camera->path, sizeof camera->path, "%s", path);
    int forbidden = 0;
    while (fgets(line, sizeof line, lines)) {
        struct mode *mode = &camera->modes[camera->count];
        forbidden |= !strncmp(line, "forbidden", 9);
        camera->busy |= !strncmp(line, "busy", 4);
        camera->output |= !strncmp(line, "output", 6);
        if (sscanf(line, "card %31[^\n]", camera->card) == 1 || sscanf(line, "bus %31[^\n]", camera->bus) == 1) continue;
        if (sscanf(line, "gone %d", &camera->gone) == 1 || sscanf(line, "silent %d", &camera->silent) == 1) continue;
        if (sscanf(line, "damaged %d", &camera->damaged) == 1) continue;
        if (sscanf(line, "pixels %4s %u %u %u", name, &mode->width, &mode->height, &mode->rate) == 4) {
            mode->format = fourcc(name);
            camera->count++;
        } else if (sscanf(line, "jpeg %255s %u %u %u", file, &mode->width, &mode->height, &mode->rate) == 4) {
            mode->format = V4L2_PIX_FMT_MJPEG;
            strcpy(mode->file, file);
            camera->count++;
        }
    }
    fclose(lines);
    if (forbidden) { free(camera); errno = EACCES; return -1; }
    int made = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    camera->now = camera->modes[0];
    cameras[made] = camera;
    return made;
}

static int opened(const char *symbol, const char *path, int flags, mode_t mode) {
    if (ours(path)) return start(path);
    int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, symbol);
    return real(path, flags, mode);
}
#define MODE(flags) mode_t mode = 0; if ((flags) & (O_CREAT | O_TMPFILE)) { va_list more; va_start(more, flags); mode = va_arg(more, int); va_end(more); }
int open(const char *path, int flags, ...) { MODE(flags) return opened("open", path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return opened("open64", path, flags, mode); }
int __open_2(const char *path, int flags) { return opened("open", path, flags, 0); }
int __open64_2(const char *path, int flags) { return opened("open64", path, flags, 0); }
int openat(int folder, const char *path, int flags, ...) {
    MODE(flags)
    if (ours(path)) return start(path);
    int (*real)(int, const char *, int, ...) = dlsym(RTLD_NEXT, "openat");
    return real(folder, path, flags, mode);
}
int openat64(int folder, const char *path, int flags, ...) {
    MODE(flags)
    if (ours(path)) return start(path);
    int (*real)(int, const char *, int, ...) = dlsym(RTLD_NEXT, "openat64");
    return real(folder, path, flags, mode);
}

/* for v4l2-ctl, which wants a character device of major number 81 that the kernel calls a video device */
#define CHARACTER(found) do { (found)->st_mode = S_IFCHR | 0660; (found)->st_rdev = makedev(81, 0); } while (0)
int stat(const char *path, struct stat *found) {
    int (*real)(const char *, struct stat *) = dlsym(RTLD_NEXT, "stat");
    int result = real(path, found);
    if (!result && ours(path)) CHARACTER(found);
    return result;
}
int stat64(const char *path, struct stat64 *found) {
    int (*real)(const char *, struct stat64 *) = dlsym(RTLD_NEXT, "stat64");
    int result = real(path, found);
    if (!result && ours(path)) CHARACTER(found);
    return result;
}
static FILE *text(const char *symbol, const char *path, const char *mode) {
    FILE *(*real)(const char *, const char *) = dlsym(RTLD_NEXT, symbol);
    static const char said[] = "MAJOR=81\nMINOR=0\nDEVNAME=video0\n";
    if (!getenv("V4L2_DOUBLE") || strcmp(path, "/sys/dev/char/81:0/uevent")) return real(path, mode);
    int memory = memfd_create("uevent", MFD_CLOEXEC);
    if (write(memory, said, sizeof said - 1) < 0 || lseek(memory, 0, SEEK_SET) < 0) abort();
    return fdopen(memory, "r");
}
FILE *fopen(const char *path, const char *mode) { return text("fopen", path, mode); }
FILE *fopen64(const char *path, const char *mode) { return text("fopen64", path, mode); }

static void mark(struct camera *camera, int on) {
    char path[600];
    int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open64");
    snprintf(path, sizeof path, "%s.streaming", camera->path);
    if (on) close(real(path, O_CREAT | O_WRONLY, 0600)); else unlink(path);
}
static int taken(struct camera *camera) {
    char path[600];
    snprintf(path, sizeof path, "%s.streaming", camera->path);
    return camera->busy || (!camera->streaming && !access(path, F_OK));
}

static struct mode *choose(struct camera *camera, uint32_t format, uint32_t width, uint32_t height) {
    struct mode *best = NULL;
    for (int at = 0; at < camera->count; at++) {
        struct mode *mode = &camera->modes[at];
        if (mode->format == format && (!best || (mode->width == width && mode->height == height))) best = mode;
    }
    return best ? best : &camera->modes[0];
}

static int sized(struct camera *camera, uint32_t format, uint32_t wanted) {
    for (int at = 0; at < camera->count; at++)
        if (camera->modes[at].format == format && wanted-- == 0) return at;
    return -1;
}

static void fill(struct camera *camera, struct v4l2_buffer *buffer) {
    unsigned char *memory = camera->memory[buffer->index];
    if (camera->now.format == V4L2_PIX_FMT_MJPEG) {
        int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open64");
        int file = real(camera->now.file, O_RDONLY);
        ssize_t size = file < 0 ? 0 : read(file, memory, length(&camera->now));
        if (file >= 0) close(file);
        buffer->bytesused = size < 0 ? 0 : size;
    } else {
        buffer->bytesused = length(&camera->now);
        for (uint32_t at = 0; at < buffer->bytesused; at += 4) { /* a ramp of luma, and the number of the picture in its colour */
            memory[at] = memory[at + 2] = 16 + (at / 2 % camera->now.width) * 219 / camera->now.width;
            memory[at + 1] = camera->picture & 255;
            memory[at + 3] = 128;
        }
    }
    if (camera->picture == camera->damaged) { buffer->flags |= V4L2_BUF_FLAG_ERROR; buffer->bytesused /= 2; }
    buffer->sequence = camera->picture++;
}

static int fault(int code) { errno = code; return -1; }

static int answer(int file, struct camera *camera, unsigned long request, void *argument) {
    switch (request) {
    case VIDIOC_QUERYCAP: {
        struct v4l2_capability *out = argument;
        memset(out, 0, sizeof *out);
        strcpy((char *)out->driver, "uvcvideo");
        memcpy(out->card, camera->card, sizeof out->card);
        memcpy(out->bus_info, camera->bus, sizeof out->bus_info);
        out->version = 0x060100;
        out->device_caps = camera->output ? V4L2_CAP_VIDEO_OUTPUT : V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
        out->capabilities = out->device_caps | V4L2_CAP_DEVICE_CAPS;
        return 0;
    }
    case VIDIOC_ENUM_FMT: {
        struct v4l2_fmtdesc *out = argument;
        uint32_t wanted = out->index, last = 0, seen = 0;
        if (out->type != V4L2_BUF_TYPE_VIDEO_CAPTURE) return fault(EINVAL);
        for (int at = 0; at < camera->count; at++) {
            if (camera->modes[at].format == last) continue;
            last = camera->modes[at].format;
            if (seen++ != wanted) continue;
            out->pixelformat = last;
            out->flags = last == V4L2_PIX_FMT_MJPEG ? V4L2_FMT_FLAG_COMPRESSED : 0;
            strcpy((char *)out->description, last == V4L2_PIX_FMT_MJPEG ? "Motion-JPEG" : "YUYV 4:2:2");
            return 0;
        }
        return fault(EINVAL);
    }
    case VIDIOC_ENUM_FRAMESIZES: {
        struct v4l2_frmsizeenum *out = argument;
        int at = sized(camera, out->pixel_format, out->index);
        if (at < 0) return fault(EINVAL);
        out->type = V4L2_FRMSIZE_TYPE_DISCRETE;
        out->discrete.width = camera->modes[at].width;
        out->discrete.height = camera->modes[at].height;
        return 0;
    }
    case VIDIOC_ENUM_FRAMEINTERVALS: {
        struct v4l2_frmivalenum *out = argument;
        struct mode *mode = choose(camera, out->pixel_format, out->width, out->height);
        if (out->index || mode->format != out->pixel_format || mode->width != out->width) return fault(EINVAL);
        out->type = V4L2_FRMIVAL_TYPE_DISCRETE;
        out->discrete.numerator = 1;
        out->discrete.denominator = mode->rate;
        return 0;
    }
    case VIDIOC_G_FMT: case VIDIOC_S_FMT: case VIDIOC_TRY_FMT: {
        struct v4l2_format *out = argument;
        if (out->type != V4L2_BUF_TYPE_VIDEO_CAPTURE) return fault(EINVAL);
        if (request == VIDIOC_S_FMT && (taken(camera) || camera->streaming)) return fault(EBUSY);
        struct mode chosen = request == VIDIOC_G_FMT ? camera->now : *choose(camera, out->fmt.pix.pixelformat, out->fmt.pix.width, out->fmt.pix.height);
        if (request == VIDIOC_S_FMT) camera->now = chosen;
        memset(&out->fmt.pix, 0, sizeof out->fmt.pix);
        out->fmt.pix.width = chosen.width;
        out->fmt.pix.height = chosen.height;
        out->fmt.pix.pixelformat = chosen.format;
        out->fmt.pix.field = V4L2_FIELD_NONE;
        out->fmt.pix.bytesperline = chosen.format == V4L2_PIX_FMT_MJPEG ? 0 : chosen.width * 2;
        out->fmt.pix.sizeimage = length(&chosen);
        out->fmt.pix.colorspace = V4L2_COLORSPACE_SRGB;
        return 0;
    }
    case VIDIOC_G_PARM: case VIDIOC_S_PARM: {
        struct v4l2_streamparm *out = argument;
        if (out->type != V4L2_BUF_TYPE_VIDEO_CAPTURE) return fault(EINVAL);
        out->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
        out->parm.capture.timeperframe.numerator = 1;
        out->parm.capture.timeperframe.denominator = camera->now.rate;
        return 0;
    }
    case VIDIOC_REQBUFS: {
        struct v4l2_requestbuffers *out = argument;
        if (out->type != V4L2_BUF_TYPE_VIDEO_CAPTURE || out->memory != V4L2_MEMORY_MMAP) return fault(EINVAL);
        if (taken(camera)) return fault(EBUSY);
        if (out->count > BUFFERS) out->count = BUFFERS;
        out->capabilities = V4L2_BUF_CAP_SUPPORTS_MMAP;
        camera->made = out->count;
        memset(camera->queued, 0, sizeof camera->queued);
        return 0;
    }
    case VIDIOC_QUERYBUF: case VIDIOC_QBUF: {
        struct v4l2_buffer *out = argument;
        if (out->type != V4L2_BUF_TYPE_VIDEO_CAPTURE || out->index >= (uint32_t)camera->made) return fault(EINVAL);
        out->memory = V4L2_MEMORY_MMAP;
        out->m.offset = out->index * 0x10000000u;
        out->length = length(&camera->now);
        if (request == VIDIOC_QBUF) camera->queued[out->index] = ++camera->order;
        return 0;
    }
    case VIDIOC_STREAMON: {
        struct itimerspec pace = {{0, 1000000000L / camera->now.rate}, {0, 1000000000L / camera->now.rate}};
        if (*(int *)argument != V4L2_BUF_TYPE_VIDEO_CAPTURE) return fault(EINVAL);
        if (taken(camera)) return fault(EBUSY);
        camera->streaming = 1;
        camera->picture = 0;
        mark(camera, 1);
        return timerfd_settime(file, 0, &pace, NULL);
    }
    case VIDIOC_STREAMOFF: {
        struct itimerspec never = {{0, 0}, {0, 0}};
        if (camera->streaming) mark(camera, 0);
        camera->streaming = 0;
        return timerfd_settime(file, 0, &never, NULL);
    }
    case VIDIOC_DQBUF: {
        struct v4l2_buffer *out = argument;
        uint64_t ticks;
        int oldest = -1;
        if (!camera->streaming) return fault(EINVAL);
        if (camera->picture == camera->gone) return fault(ENODEV);
        for (int at = 0; at < camera->made; at++)
            if (camera->queued[at] && (oldest < 0 || camera->queued[at] < camera->queued[oldest])) oldest = at;
        if (oldest < 0) return fault(EAGAIN);
        while (read(file, &ticks, sizeof ticks) < 0) {
            struct pollfd wait = {file, POLLIN, 0};
            if (poll(&wait, 1, 5000) <= 0) return fault(EAGAIN);
        }
        memset(out, 0, sizeof *out);
        out->index = oldest;
        out->type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
        out->memory = V4L2_MEMORY_MMAP;
        out->length = length(&camera->now);
        out->m.offset = oldest * 0x10000000u;
        out->flags = V4L2_BUF_FLAG_MAPPED | V4L2_BUF_FLAG_DONE | V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
        camera->queued[oldest] = 0;
        if (camera->picture == camera->silent) {
            struct itimerspec never = {{0, 0}, {0, 0}};
            timerfd_settime(file, 0, &never, NULL);
        }
        fill(camera, out);
        return 0;
    }
    case VIDIOC_G_PRIORITY: *(uint32_t *)argument = V4L2_PRIORITY_DEFAULT; return 0;
    default: return fault(ENOTTY);
    }
}

int ioctl(int file, unsigned long request, ...) {
    va_list more;
    va_start(more, request);
    void *argument = va_arg(more, void *);
    va_end(more);
    if (file >= 0 && file < FILES && cameras[file]) return answer(file, cameras[file], request & 0xffffffffu, argument);
    int (*real)(int, unsigned long, ...) = dlsym(RTLD_NEXT, "ioctl");
    return real(file, request, argument);
}

static void *mapped(const char *symbol, void *at, size_t size, int protection, int flags, int file, off64_t offset) {
    void *(*real)(void *, size_t, int, int, int, off64_t) = dlsym(RTLD_NEXT, symbol);
    if (file < 0 || file >= FILES || !cameras[file]) return real(at, size, protection, flags, file, offset);
    void *memory = real(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cameras[file]->memory[offset / 0x10000000u] = memory;
    return memory;
}
void *mmap(void *at, size_t size, int protection, int flags, int file, off_t offset) { return mapped("mmap", at, size, protection, flags, file, offset); }
void *mmap64(void *at, size_t size, int protection, int flags, int file, off64_t offset) { return mapped("mmap64", at, size, protection, flags, file, offset); }

int close(int file) {
    int (*real)(int) = dlsym(RTLD_NEXT, "close");
    if (file >= 0 && file < FILES && cameras[file]) {
        struct camera *camera = cameras[file];
        cameras[file] = NULL;
        if (camera->streaming) mark(camera, 0);
        free(camera);
    }
    return real(file);
}
