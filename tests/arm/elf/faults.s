@ Functions that do not come to their end, and one of each way in which they do not.
.syntax unified
.cpu cortex-m4
.fpu fpv4-sp-d16
.thumb
.eabi_attribute 28, 1

.macro start name
.global \name
.type \name, %function
.thumb_func
\name:
.endm

.text
start reads_nowhere
    ldr r0, =0x50000000
    nop
    ldr r2, [r0, #4]
    bx lr
    .ltorg
.size reads_nowhere, . - reads_nowhere
start writes_nowhere
    ldr r0, =0x50000000
    strh r0, [r0, #2]
    bx lr
    .ltorg
.size writes_nowhere, . - writes_nowhere
start writes_code
    movs r0, #0
    str r0, [r0, #16]
    bx lr
.size writes_code, . - writes_code
start jumps_nowhere
    ldr r0, =0x50000001
    bx r0
    .ltorg
.size jumps_nowhere, . - jumps_nowhere
start jumps_to_arm
    adr r0, 1f
    bx r0
    .balign 4
1:  .word 0xe12fff1e
.size jumps_to_arm, . - jumps_to_arm
start loops_forever
    b loops_forever
.size loops_forever, . - loops_forever
start recurses
    push {r0-r7, lr}
    bl recurses
    pop {r0-r7, pc}
.size recurses, . - recurses
start calls_system
    svc #0
    bx lr
.size calls_system, . - calls_system
start breaks
    bkpt #0
    bx lr
.size breaks, . - breaks
start undefined
    nop
    udf #0
    bx lr
.size undefined, . - undefined
start fp_v5
    nop
    .inst.w 0xfe000a81  @ vseleq.f32 s0, s1, s2, of FPv5
    bx lr
.size fp_v5, . - fp_v5
start returns_from_interrupt
    ldr r0, =0xfffffff1
    bx r0
    .ltorg
.size returns_from_interrupt, . - returns_from_interrupt
start sleeps
    nop
    wfi
    movs r0, #7
    bx lr
.size sleeps, . - sleeps
start takes_five
    ldr r0, [sp]
    bx lr
.size takes_five, . - takes_five

@ Not marked as Thumb.
.global arm_code
.type arm_code, %object
arm_code:
    .word 0xe12fff1e
.size arm_code, . - arm_code
