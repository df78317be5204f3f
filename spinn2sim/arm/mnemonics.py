"""Which class each Cortex-M4F instruction belongs to, by capstone's name of the instruction.

The rows are those of the Cortex-M4 TRM, tables 3-1, 3-2 and 7-1. An instruction that is in none of
them is not one of this core; there is no default class.
"""

from __future__ import annotations

from spinn2sim.arm.instruction import Kind

_PARALLEL = tuple(
    prefix + operation
    for prefix in ("s", "q", "sh", "u", "uq", "uh")
    for operation in ("add16", "add8", "asx", "sax", "sub16", "sub8")
)

_ROWS: dict[Kind, tuple[str, ...]] = {
    Kind.DATA: (
        *("mov", "movs", "movw", "movt", "add", "addw", "adc", "adr", "sub", "subw", "sbc", "rsb"),
        *("ssat", "usat", "ssat16", "usat16", "cmp", "cmn", "and", "eor", "orr", "orn", "bic"),
        *("mvn", "tst", "teq", "lsl", "lsr", "asr", "ror", "rrx", "clz"),
        *("sxth", "sxtb", "uxth", "uxtb", "sxtb16", "uxtb16", "uxtab", "uxtab16", "uxtah"),
        *("sxtab", "sxtab16", "sxtah", "ubfx", "sbfx", "bfc", "bfi"),
        *("rev", "rev16", "revsh", "rbit", "pkhtb", "pkhbt", "sel", "usad8", "usada8"),
        *("qadd", "qdadd", "qsub", "qdsub", *_PARALLEL),
    ),
    Kind.MULTIPLY: (
        *("mul", "smull", "umull", "smlal", "umlal", "umaal"),
        *("smmla", "smmls", "smmul", "smmlar", "smmlsr", "smmulr"),
        *("smlabb", "smlabt", "smlatb", "smlatt", "smlawb", "smlawt"),
        *("smlalbb", "smlalbt", "smlaltb", "smlaltt", "smlald", "smlaldx", "smlsld", "smlsldx"),
        *("smulbb", "smulbt", "smultb", "smultt", "smulwb", "smulwt"),
        *("smlad", "smladx", "smlsd", "smlsdx", "smuad", "smuadx", "smusd", "smusdx"),
    ),
    Kind.MULTIPLY_ACCUMULATE: ("mla", "mls"),
    Kind.DIVIDE: ("sdiv", "udiv"),
    Kind.LOAD: (
        *("ldr", "ldrh", "ldrb", "ldrsh", "ldrsb", "ldrt", "ldrht", "ldrbt", "ldrsht", "ldrsbt"),
        *("ldrex", "ldrexh", "ldrexb"),
        *("strex", "strexh", "strexb"),  # TRM 3.3.2: STREX is treated like an LDR
    ),
    Kind.STORE: ("str", "strh", "strb", "strt", "strht", "strbt"),
    Kind.LOAD_MULTIPLE: ("ldrd", "ldm", "ldmdb", "pop"),
    Kind.STORE_MULTIPLE: ("strd", "stm", "stmdb", "push"),
    Kind.BRANCH: ("b", "bl", "cbz", "cbnz"),
    Kind.BRANCH_REGISTER: ("bx", "blx"),
    Kind.TABLE_BRANCH: ("tbb", "tbh"),
    Kind.IT: ("it",),
    Kind.NOP: ("nop", "sev", "yield", "pld", "pldw", "pli", "clrex"),
    Kind.STATUS: ("mrs", "msr", "cps"),
    Kind.BARRIER: ("dmb", "dsb", "isb"),
    Kind.SLEEP: ("wfe", "wfi"),
    Kind.TRAP: ("svc", "bkpt", "udf"),
    Kind.FP_ARITHMETIC: ("vadd", "vsub", "vmul", "vnmul", "vcvt", "vcvtr", "vcvtb", "vcvtt"),
    Kind.FP_COMPARE: ("vcmp", "vcmpe"),
    Kind.FP_MOVE: ("vmov", "fconsts", "vabs", "vneg"),
    Kind.FP_STATUS: ("vmrs", "fmstat", "vmsr"),
    Kind.FP_MULTIPLY_ACCUMULATE: (
        *("vmla", "vmls", "vnmla", "vnmls", "vfma", "vfms", "vfnma", "vfnms"),
    ),
    Kind.FP_DIVIDE: ("vdiv",),
    Kind.FP_SQUARE_ROOT: ("vsqrt",),
    Kind.FP_LOAD: ("vldr",),
    Kind.FP_STORE: ("vstr",),
    Kind.FP_LOAD_MULTIPLE: ("vldmia", "vldmdb", "vpop"),
    Kind.FP_STORE_MULTIPLE: ("vstmia", "vstmdb", "vpush"),
}

#: Class by name. A move to or from core registers and a double access are told by their operands.
KINDS = {name: kind for kind, names in _ROWS.items() for name in names}
