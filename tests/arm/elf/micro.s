@ Short sequences that the timing tables give a count for. Behind the @ of a function: its cycles
@ without the return under the low, middle and high timing; one number where they are the same.
@ Each is called with R0 = scratch, whose first word is its own address.
.syntax unified
.cpu cortex-m4
.fpu fpv4-sp-d16
.thumb
.eabi_attribute 28, 1

.macro start name
.balign 4
.global \name
.type \name, %function
.thumb_func
\name:
.endm

.text
start load_pair             @ 3
    ldr r1, [r0]
    ldr r2, [r0, #4]
    bx lr
start load_triple           @ 4
    ldr r1, [r0]
    ldr r2, [r0, #4]
    ldr r3, [r0, #8]
    bx lr
start load_chain            @ 4
    ldr r1, [r0]
    ldr r1, [r1]
    bx lr
start load_then_use         @ 3
    ldr r1, [r0]
    adds r1, #1
    bx lr
start loads_with_writeback  @ 3
    ldr r1, [r0], #4
    ldr r2, [r0], #4
    bx lr
start load_store            @ 2 3 3
    ldr r1, [r0]
    str r1, [r0, #4]
    bx lr
start load_store_offset     @ 3 4 4
    movs r2, #4
    ldr r1, [r0]
    str r1, [r0, r2]
    bx lr
start store_load            @ 2 3 3
    str r1, [r0, #4]
    ldr r2, [r0, #8]
    bx lr
start store_offset_load     @ 5 6 6
    movs r2, #4
    movs r3, #0
    str r1, [r0, r2]
    ldr r2, [r0, #8]
    bx lr
start store_pair            @ 2
    str r1, [r0, #4]
    str r2, [r0, #8]
    bx lr
start odd_load_pair         @ 3 3 4
    ldr r1, [r0]
    ldr.w r2, [r0, #4]
    bx lr
start literal               @ 2 2 3
    ldr r1, =0x12345678
    bx lr
    .ltorg
start address_made          @ 4
    adds r1, r0, #4
    ldr r2, [r1]
    bx lr
start address_made_before   @ 4
    adds r1, r0, #4
    nop
    ldr r2, [r1]
    bx lr
start address_multiplied    @ 5
    movs r1, #1
    mul r1, r0, r1
    ldr r2, [r1]
    bx lr
start load_multiple         @ 4
    ldm r0, {r1, r2, r3}
    bx lr
start load_multiple_load    @ 6
    ldm r0, {r1, r2, r3}
    ldr r1, [r0]
    bx lr
start store_multiple        @ 5
    adds r1, r0, #4
    stm r1, {r2, r3}
    bx lr
start load_double           @ 3
    ldrd r1, r2, [r0]
    bx lr
start store_double          @ 3
    strd r1, r2, [r0, #8]
    bx lr
start push_pop              @ 6
    push {r4, r5}
    pop {r4, r5}
    bx lr

start not_taken             @ 2
    cmp r0, #0
    beq 1f
1:  bx lr
start taken                 @ 2 3 4
    b 1f
    nop
1:  bx lr
start wide_odd_target       @ 3 5 6
    b 1f
    nop
    nop
1:
    movw r1, #1234
    bx lr
start wide_even_target      @ 3 4 5
    b 1f
    nop
1:
    movw r1, #1234
    bx lr
start loop_of_ten           @ 30 39 48
    movs r1, #10
1:  subs r1, #1
    bne 1b
    bx lr
start compare_and_branch    @ 3 4 5
    movs r1, #0
    cbz r1, 1f
    nop
1:  bx lr
start call                  @ 11 13 15
    push {r4, lr}
    bl returns
    ldr lr, [sp, #4]
    add sp, #8
    bx lr
start returns               @ 0
    bx lr
start returns_by_pop
    push {r4, lr}
    pop {r4, pc}
start table                 @ 7 8 8
    movs r1, #1
    nop
    tbb [pc, r1]
    .byte 2, 2, 2, 2
1:  bx lr

start it_folded             @ 2 2 3
    cmp r0, #0
    it ne
    movne r1, #1
    bx lr
start it_skips              @ 2 2 3
    cmp r0, #0
    it eq
    ldreq r1, [r0]
    bx lr
start it_after_wide         @ 2 3 3
    cmp.w r0, #0
    it ne
    movne r1, #1
    bx lr
start it_else               @ 5 5 6
    cmp r0, #0
    itte ne
    ldrne r1, [r0]
    addne r1, #1
    moveq r1, #2
    bx lr

start accumulate            @ 1 1 2
    mla r1, r2, r3, r1
    bx lr
start divide                @ 3 8 13
    movs r1, #3
    udiv r2, r0, r1
    bx lr

start fp_independent        @ 2
    vadd.f32 s0, s1, s2
    vmul.f32 s3, s4, s5
    bx lr
start fp_dependent          @ 3
    vadd.f32 s0, s1, s2
    vmul.f32 s3, s0, s5
    bx lr
start fp_dependent_later    @ 3
    vadd.f32 s0, s1, s2
    nop
    vmul.f32 s3, s0, s5
    bx lr
start fp_stored             @ 3
    vadd.f32 s0, s1, s2
    vstr s0, [r0, #4]
    bx lr
start fp_moved              @ 2 3 3
    vneg.f32 s0, s1
    vadd.f32 s2, s0, s1
    bx lr
start fp_compared           @ 2 3 3
    vcmp.f32 s0, s1
    vmrs APSR_nzcv, fpscr
    bx lr
start mac                   @ 1 3 3
    vfma.f32 s0, s1, s2
    bx lr
start mac_then_integer      @ 3 5 5
    vfma.f32 s0, s1, s2
    nop
    nop
    bx lr
start mac_chain             @ 7 9 11
    vfma.f32 s0, s1, s2
    vfma.f32 s0, s3, s4
    vfma.f32 s0, s5, s6
    bx lr
start mac_of_product        @ 3 5 5
    vmul.f32 s1, s3, s4
    vfma.f32 s0, s1, s2
    bx lr
start mac_onto_product      @ 2 4 5
    vmul.f32 s0, s3, s4
    vmla.f32 s0, s1, s2
    bx lr
start fp_divided_used       @ 16
    vdiv.f32 s0, s1, s2
    vadd.f32 s3, s0, s1
    bx lr
start fp_divided_overlap    @ 16
    vdiv.f32 s0, s1, s2
    nop
    nop
    nop
    nop
    nop
    vadd.f32 s3, s0, s1
    bx lr
start fp_divided_other      @ 2 15 15
    vdiv.f32 s0, s1, s2
    vadd.f32 s3, s1, s2
    bx lr
start fp_divided_integer    @ 3
    vdiv.f32 s0, s1, s2
    nop
    nop
    bx lr
start fp_rooted_used        @ 16
    vsqrt.f32 s0, s1
    vadd.f32 s3, s0, s1
    bx lr
start fp_load_pair          @ 3
    vldr s0, [r0]
    vldr s1, [r0, #4]
    bx lr
start fp_load_used          @ 3
    vldr s0, [r0]
    vadd.f32 s1, s0, s0
    bx lr
start fp_load_multiple      @ 5
    vldmia r0, {s0-s3}
    bx lr
start fp_push_pop           @ 6
    vpush {d8}
    vpop {d8}
    bx lr
start fp_to_core            @ 1 2 2
    vmov r1, s0
    bx lr
start fp_from_two           @ 2
    vmov s0, s1, r0, r1
    bx lr

.data
.balign 8
.global scratch
.type scratch, %object
.size scratch, 64
scratch:
    .word scratch, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
