@ Every instruction of the Cortex-M4F, by the rows of its timing tables (Arm DDI 0439D, tables 3-1,
@ 3-2 and 7-1). Behind the @: its class, and the cycles of the table from an idle core under the
@ low, middle and high timing; one number where they are the same. Nothing here is executed.
.syntax unified
.cpu cortex-m4
.fpu fpv4-sp-d16
.thumb
.eabi_attribute 28, 1
.text
.global every
.type every, %function
.balign 4
every:
    mov r0, r1                     @ data processing: 1
    movw r0, #1234                 @ data processing: 1
    movt r0, #1234                 @ data processing: 1
    mov pc, r1                     @ branch to register: 1
    adds r0, r1, #3                @ data processing: 1
    addw r0, r1, #300              @ data processing: 1
    add pc, r1                     @ branch to register: 1
    adc r0, r1, r2                 @ data processing: 1
    adr r0, every                  @ data processing: 1
    sub r0, r1, r2                 @ data processing: 1
    subw r0, r1, #300              @ data processing: 1
    sbc r0, r1, r2                 @ data processing: 1
    rsb r0, r1, #0                 @ data processing: 1
    mul r0, r1, r2                 @ multiply: 1
    mla r0, r1, r2, r3             @ multiply-accumulate: 1 1 2
    mls r0, r1, r2, r3             @ multiply-accumulate: 1 1 2
    smull r0, r1, r2, r3           @ multiply: 1
    umull r0, r1, r2, r3           @ multiply: 1
    smlal r0, r1, r2, r3           @ multiply: 1
    umlal r0, r1, r2, r3           @ multiply: 1
    sdiv r0, r1, r2                @ divide: 2 7 12
    udiv r0, r1, r2                @ divide: 2 7 12
    ssat r0, #5, r1                @ data processing: 1
    usat r0, #5, r1                @ data processing: 1
    cmp r0, r1                     @ data processing: 1
    cmn r0, r1                     @ data processing: 1
    and r0, r1                     @ data processing: 1
    eor r0, r1                     @ data processing: 1
    orr r0, r1                     @ data processing: 1
    orn r0, r1, r2                 @ data processing: 1
    bic r0, r1                     @ data processing: 1
    mvn r0, r1                     @ data processing: 1
    tst r0, r1                     @ data processing: 1
    teq r0, r1                     @ data processing: 1
    lsl r0, r1, #3                 @ data processing: 1
    lsl r0, r1, r2                 @ data processing: 1
    lsr r0, r1, #3                 @ data processing: 1
    lsr r0, r1, r2                 @ data processing: 1
    asr r0, r1, #3                 @ data processing: 1
    asr r0, r1, r2                 @ data processing: 1
    ror r0, r1, #3                 @ data processing: 1
    ror r0, r1, r2                 @ data processing: 1
    rrx r0, r1                     @ data processing: 1
    clz r0, r1                     @ data processing: 1
    ldr r0, [r1, #4]               @ load: 2
    ldr r0, [r1, r2]               @ load: 2
    ldr r0, [r1, r2, lsl #2]       @ load: 2
    ldr r0, [r1], #4               @ load: 2
    ldr r0, [r1, #4]!              @ load: 2
    ldr pc, [r1]                   @ load: 2
    ldrh r0, [r1]                  @ load: 2
    ldrb r0, [r1]                  @ load: 2
    ldrsh r0, [r1]                 @ load: 2
    ldrsb r0, [r1]                 @ load: 2
    ldrt r0, [r1]                  @ load: 2
    ldrht r0, [r1]                 @ load: 2
    ldrbt r0, [r1]                 @ load: 2
    ldrsht r0, [r1]                @ load: 2
    ldrsbt r0, [r1]                @ load: 2
    ldr r0, [pc, #8]               @ load: 2 2 3
    ldrd r0, r1, [r2, #8]          @ load multiple: 3
    ldrd r0, r1, [r2], #8          @ load multiple: 3
    ldm r0, {r1, r2, r3}           @ load multiple: 4
    ldm r0!, {r1, r2, r3}          @ load multiple: 4
    ldmdb r0!, {r1, r2, pc}        @ load multiple: 4
    str r0, [r1, #4]               @ store: 1
    str r0, [r1, r2]               @ store: 1 2 2
    str r0, [r1, #-4]!             @ store: 1
    strh r0, [r1]                  @ store: 1
    strb r0, [r1, r2]              @ store: 1 2 2
    strt r0, [r1]                  @ store: 1
    strht r0, [r1]                 @ store: 1
    strbt r0, [r1]                 @ store: 1
    strd r0, r1, [r2]              @ store multiple: 3
    stm r0, {r1, r2}               @ store multiple: 3
    stmdb r0!, {r1, r2}            @ store multiple: 3
    push {r4-r7}                   @ store multiple: 5
    push {r4, lr}                  @ store multiple: 3
    pop {r4, r5}                   @ load multiple: 3
    pop {r4, r5, pc}               @ load multiple: 4
    str r4, [sp, #-4]!             @ store: 1
    ldr r4, [sp], #4               @ load: 2
    ldrex r0, [r1]                 @ load: 2
    ldrexh r0, [r1]                @ load: 2
    ldrexb r0, [r1]                @ load: 2
    strex r0, r1, [r2]             @ load: 2
    strexh r0, r1, [r2]            @ load: 2
    strexb r0, r1, [r2]            @ load: 2
    clrex                          @ no operation: 1
    beq.w every                    @ branch: 1
    b.w every                      @ branch: 1
    bl every                       @ branch: 1
    bx lr                          @ branch to register: 1
    blx r3                         @ branch to register: 1
    cbz r0, 1f                     @ branch: 1
    cbnz r0, 1f                    @ branch: 1
    tbb [pc, r1]                   @ table branch: 2 3 3
    tbh [pc, r1, lsl #1]           @ table branch: 2 3 3
    svc #1                         @ trap
    bkpt #1                        @ trap
    udf #1                         @ trap
1:  it eq                          @ if-then: 0 0 1
    moveq r0, #1                   @ data processing: 1
    cpsid i                        @ status register: 1 1 2
    cpsie i                        @ status register: 1 1 2
    mrs r0, primask                @ status register: 1 1 2
    msr primask, r0                @ status register: 1 1 2
    sxth r0, r1                    @ data processing: 1
    sxtb r0, r1                    @ data processing: 1
    uxth r0, r1                    @ data processing: 1
    uxtb r0, r1                    @ data processing: 1
    ubfx r0, r1, #2, #3            @ data processing: 1
    sbfx r0, r1, #2, #3            @ data processing: 1
    bfc r0, #2, #3                 @ data processing: 1
    bfi r0, r1, #2, #3             @ data processing: 1
    rev r0, r1                     @ data processing: 1
    rev16 r0, r1                   @ data processing: 1
    revsh r0, r1                   @ data processing: 1
    rbit r0, r1                    @ data processing: 1
    sev                            @ no operation: 1
    wfe                            @ wait for interrupt: 1
    wfi                            @ wait for interrupt: 1
    nop                            @ no operation: 1
    nop.w                          @ no operation: 1
    yield                          @ no operation: 1
    isb                            @ barrier: 1 2 4
    dmb                            @ barrier: 1 2 4
    dsb                            @ barrier: 1 2 4
    pld [r0]                       @ no operation: 1
    pli [r0]                       @ no operation: 1

    smmla r0, r1, r2, r3           @ multiply: 1
    smmls r0, r1, r2, r3           @ multiply: 1
    smmul r0, r1, r2               @ multiply: 1
    smmlar r0, r1, r2, r3          @ multiply: 1
    smmlsr r0, r1, r2, r3          @ multiply: 1
    smmulr r0, r1, r2              @ multiply: 1
    smlabb r0, r1, r2, r3          @ multiply: 1
    smlabt r0, r1, r2, r3          @ multiply: 1
    smlatb r0, r1, r2, r3          @ multiply: 1
    smlatt r0, r1, r2, r3          @ multiply: 1
    smlalbb r0, r1, r2, r3         @ multiply: 1
    smlalbt r0, r1, r2, r3         @ multiply: 1
    smlaltb r0, r1, r2, r3         @ multiply: 1
    smlaltt r0, r1, r2, r3         @ multiply: 1
    smlald r0, r1, r2, r3          @ multiply: 1
    smlaldx r0, r1, r2, r3         @ multiply: 1
    smulbb r0, r1, r2              @ multiply: 1
    smulbt r0, r1, r2              @ multiply: 1
    smultb r0, r1, r2              @ multiply: 1
    smultt r0, r1, r2              @ multiply: 1
    smulwb r0, r1, r2              @ multiply: 1
    smulwt r0, r1, r2              @ multiply: 1
    smusd r0, r1, r2               @ multiply: 1
    smusdx r0, r1, r2              @ multiply: 1
    smlad r0, r1, r2, r3           @ multiply: 1
    smladx r0, r1, r2, r3          @ multiply: 1
    smlawb r0, r1, r2, r3          @ multiply: 1
    smlawt r0, r1, r2, r3          @ multiply: 1
    smlsd r0, r1, r2, r3           @ multiply: 1
    smlsdx r0, r1, r2, r3          @ multiply: 1
    smlsld r0, r1, r2, r3          @ multiply: 1
    smlsldx r0, r1, r2, r3         @ multiply: 1
    smuad r0, r1, r2               @ multiply: 1
    smuadx r0, r1, r2              @ multiply: 1
    umaal r0, r1, r2, r3           @ multiply: 1
    ssat16 r0, #3, r1              @ data processing: 1
    usat16 r0, #3, r1              @ data processing: 1
    pkhtb r0, r1, r2, asr #3       @ data processing: 1
    pkhbt r0, r1, r2               @ data processing: 1
    sxtb16 r0, r1                  @ data processing: 1
    uxtb16 r0, r1                  @ data processing: 1
    uxtab r0, r1, r2               @ data processing: 1
    uxtab16 r0, r1, r2             @ data processing: 1
    uxtah r0, r1, r2               @ data processing: 1
    sxtab r0, r1, r2               @ data processing: 1
    sxtab16 r0, r1, r2             @ data processing: 1
    sxtah r0, r1, r2               @ data processing: 1
    sel r0, r1, r2                 @ data processing: 1
    usad8 r0, r1, r2               @ data processing: 1
    usada8 r0, r1, r2, r3          @ data processing: 1
    qadd r0, r1, r2                @ data processing: 1
    qdadd r0, r1, r2               @ data processing: 1
    qsub r0, r1, r2                @ data processing: 1
    qdsub r0, r1, r2               @ data processing: 1
.macro parallel prefix
    \prefix\()add16 r0, r1, r2
    \prefix\()add8 r0, r1, r2
    \prefix\()asx r0, r1, r2
    \prefix\()sax r0, r1, r2
    \prefix\()sub16 r0, r1, r2
    \prefix\()sub8 r0, r1, r2
.endm
    parallel s                     @ data processing: 1 (6)
    parallel q                     @ data processing: 1 (6)
    parallel sh                    @ data processing: 1 (6)
    parallel u                     @ data processing: 1 (6)
    parallel uq                    @ data processing: 1 (6)
    parallel uh                    @ data processing: 1 (6)

    vabs.f32 s0, s1                @ FP move: 1
    vadd.f32 s0, s1, s2            @ FP arithmetic: 1
    vcmp.f32 s0, s1                @ FP compare: 1
    vcmpe.f32 s0, #0               @ FP compare: 1
    vcvt.f32.s32 s0, s1            @ FP arithmetic: 1
    vcvt.u32.f32 s0, s1            @ FP arithmetic: 1
    vcvtr.s32.f32 s0, s1           @ FP arithmetic: 1
    vcvt.f32.u16 s0, s0, #3        @ FP arithmetic: 1
    vcvtb.f32.f16 s0, s1           @ FP arithmetic: 1
    vcvtt.f16.f32 s0, s1           @ FP arithmetic: 1
    vdiv.f32 s0, s1, s2            @ FP divide: 1
    vldmia r0, {d0, d1}            @ FP load multiple: 5
    vldmia r0!, {s0, s1, s2}       @ FP load multiple: 4
    vldmdb r0!, {s3}               @ FP load multiple: 2
    vldr d0, [r0, #8]              @ FP load multiple: 3
    vldr s0, [r0, #4]              @ FP load: 2
    vldr s0, [pc, #4]              @ FP load: 2 2 3
    vmov.f32 s0, s1                @ FP move: 1
    vmov.f32 s0, #1.0              @ FP move: 1
    vmov s0, r0                    @ FP transfer: 1 2 2
    vmov r0, s0                    @ FP transfer: 1 2 2
    vmov s0, s1, r0, r1            @ FP transfer: 2
    vmov r0, r1, s0, s1            @ FP transfer: 2
    vmov d0, r0, r1                @ FP transfer: 2
    vmov r0, r1, d0                @ FP transfer: 2
    vmrs APSR_nzcv, fpscr          @ FP status: 1
    vmrs r0, fpscr                 @ FP status: 1
    vmsr fpscr, r0                 @ FP status: 1
    vmul.f32 s0, s1, s2            @ FP arithmetic: 1
    vmla.f32 s0, s1, s2            @ FP multiply-accumulate: 1 3 3
    vmls.f32 s0, s1, s2            @ FP multiply-accumulate: 1 3 3
    vnmla.f32 s0, s1, s2           @ FP multiply-accumulate: 1 3 3
    vnmls.f32 s0, s1, s2           @ FP multiply-accumulate: 1 3 3
    vfma.f32 s0, s1, s2            @ FP multiply-accumulate: 1 3 3
    vfms.f32 s0, s1, s2            @ FP multiply-accumulate: 1 3 3
    vfnma.f32 s0, s1, s2           @ FP multiply-accumulate: 1 3 3
    vfnms.f32 s0, s1, s2           @ FP multiply-accumulate: 1 3 3
    vneg.f32 s0, s1                @ FP move: 1
    vnmul.f32 s0, s1, s2           @ FP arithmetic: 1
    vpop {d8}                      @ FP load multiple: 3
    vpop {s3, s4}                  @ FP load multiple: 3
    vpush {d8, d9}                 @ FP store multiple: 5
    vpush {s16}                    @ FP store multiple: 2
    vsqrt.f32 s0, s1               @ FP square root: 1
    vstmia r0, {s0, s1}            @ FP store multiple: 3
    vstmia r0!, {d0}               @ FP store multiple: 3
    vstmdb r0!, {d0}               @ FP store multiple: 3
    vstr d0, [r0]                  @ FP store multiple: 3
    vstr s0, [r0]                  @ FP store: 1
    vsub.f32 s0, s1, s2            @ FP arithmetic: 1
.size every, . - every
