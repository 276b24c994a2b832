"""The child's side of python.py: give up all that the system can take away, then run the program.

It is started as a file with `python -I -S`, and knows nothing but the standard library."""

import ctypes
import json
import os
import platform
import resource
import signal
import sys

CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER = 0x20000, 0x8000000, 0x10000000
CLONE_NEWPID, CLONE_NEWNET = 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 0x1000, 0x4000, 0x40000
MNT_DETACH = 2
AT_FDCWD, AT_RECURSIVE, MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID = -100, 0x8000, 1, 2
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 36, 38
# Numbers of system calls that the C library has no function for.
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
MOUNT_SETATTR = 442

ON_LINUX = sys.platform == "linux"
FOLDER = "/tmp"
INODES = 4096
# What Python needs of the system, beside its own files.
SYSTEM = ("/usr", "/lib", "/lib64", "/nix/store", "/etc/ld.so.cache")
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom")
# Where the parent is root, the program runs as a user whom the system gives to nobody.
FIRST_USER, USERS = 65000, 500


def main(job: dict) -> None:
    """Run `job["program"]` of `job["folder"]`, and write how it ended to `job["status"]`."""
    os.set_inheritable(job["status"], False)
    user = FIRST_USER + os.getpid() % USERS
    try:
        start({"user": user, **job})
    except BaseException as error:
        report(job, error=f"{type(error).__name__}: {error}")
    os._exit(0)


def start(job: dict) -> None:
    """Go where the program cannot see the parent, or at least adopt what it leaves behind."""
    die_with_parent()
    go_first_when_memory_ends()
    if not job["isolate"]:
        adopt_orphans()
        return supervise(job, job["folder"])
    enter_namespaces()
    if first_process := os.fork():
        os.waitpid(first_process, 0)
    else:
        # Where the first process of a namespace ends, the kernel ends all others in it.
        die_with_parent()
        enter_own_root(job)
        supervise(job, FOLDER)


def supervise(job: dict, folder: str) -> None:
    """Start the program, report its end, and end what it left behind."""
    program = os.fork()
    if program == 0:
        become_program(job, folder)
    _, status = os.waitpid(program, 0)
    report(job, exit_code=os.waitstatus_to_exitcode(status))
    kill_children()


def kill_children() -> None:
    """Kill every child, and those it leaves to this process, until there is none."""
    while True:
        for child in children():
            os.kill(child, signal.SIGKILL)
        try:
            os.wait()
        except ChildProcessError:
            return


def children() -> list[int]:
    """The children of this process where Linux lists them."""
    path = f"/proc/self/task/{os.getpid()}/children"
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return [int(number) for number in file.read().split()]


def become_program(job: dict, folder: str) -> None:
    """Take the limits, drop every privilege, and replace this process by the program."""
    os.chdir(folder)
    take_limits(job["limits"])
    if os.geteuid() == 0:
        os.chown(folder, job["user"], job["user"])
        os.setgroups([])
        os.setgid(job["user"])
        os.setuid(job["user"])
    die_with_parent()
    if ON_LINUX:
        prctl(PR_SET_NO_NEW_PRIVS, 1)
    os.execve(job["python"], [job["python"], "-I", "-X", "utf8", job["program"]], {})


def take_limits(limits: dict[str, int]) -> None:
    """Set each limit for good: a process may lower its hard limits and never raise them."""
    for name, value in limits.items():
        resource.setrlimit(getattr(resource, name), (value, value))


def enter_namespaces() -> None:
    """No network, no processes, no mounts but one's own. Raises OSError where it is forbidden."""
    user, group = os.geteuid(), os.getegid()
    flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC
    check(libc().unshare(flags if user == 0 else flags | CLONE_NEWUSER), "unshare")
    if user:
        write("/proc/self/setgroups", "deny")
        write("/proc/self/uid_map", f"{user} {user} 1")
        write("/proc/self/gid_map", f"{group} {group} 1")


def enter_own_root(job: dict) -> None:
    """Make a file system in memory the root: in it Python, read-only, and the program's folder."""
    root = job["folder"]
    with open(os.path.join(root, job["program"]), "rb") as file:
        source = file.read()
    mount(None, "/", None, MS_REC | MS_PRIVATE)
    room = f"size={job['folder_bytes']},nr_inodes={INODES},mode=755"
    mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, room)
    for path in (*SYSTEM, job["prefix"]):
        if os.path.exists(path):
            set_read_only(show(path, root))
    for path in DEVICES:
        show(path, root)
    os.mkdir(root + FOLDER)
    with open(os.path.join(root + FOLDER, job["program"]), "wb") as file:
        file.write(source)
    os.chdir(root)
    check(libc().syscall(PIVOT_ROOT[platform.machine()], b".", b"."), "pivot_root")
    check(libc().umount2(b".", MNT_DETACH), "umount")


def show(path: str, root: str) -> str:
    """Let a file or folder be seen under a new root; where it is seen."""
    target = root + path
    if os.path.isdir(path):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        write(target, "")
    mount(path, target, None, MS_BIND | MS_REC)
    return target


def set_read_only(target: str) -> None:
    """Forbid all writing below a mount point, and programs that gain privileges."""
    attributes = (ctypes.c_uint64 * 4)(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID)
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    result = libc().syscall(
        MOUNT_SETATTR, AT_FDCWD, target.encode(), AT_RECURSIVE, attributes, size
    )
    check(result, f"mount_setattr {target}")


def mount(source: str | None, target: str, kind: str | None, flags: int, data: str = "") -> None:
    """mount(2)."""
    source, kind = (text and text.encode() for text in (source, kind))
    flags = ctypes.c_ulong(flags)
    check(libc().mount(source, target.encode(), kind, flags, data.encode()), f"mount {target}")


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends, on Linux."""
    if ON_LINUX:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of every descendant that loses its own, on Linux."""
    if ON_LINUX:
        prctl(PR_SET_CHILD_SUBREAPER, 1)


def go_first_when_memory_ends() -> None:
    """Have Linux kill this process and its children before any other when memory runs out."""
    if ON_LINUX:
        write("/proc/self/oom_score_adj", "1000")


def prctl(option: int, value: int) -> None:
    """prctl(2) of one value."""
    check(libc().prctl(option, *map(ctypes.c_ulong, (value, 0, 0, 0))), "prctl")


def libc() -> ctypes.CDLL:
    """The C library that Python runs on."""
    return ctypes.CDLL(None, use_errno=True)


def check(result: int, call: str) -> None:
    """Raise OSError for a call of the C library that failed."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), call)


def write(path: str, text: str) -> None:
    """Write a file."""
    with open(path, "w") as file:
        file.write(text)


def report(job: dict, **values: object) -> None:
    """Send the parent one line."""
    os.write(job["status"], json.dumps(values).encode() + b"\n")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
