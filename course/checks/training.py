"""The exercises of lesson 09 about training and its score: laws, and the mistakes that people make."""

from __future__ import annotations

from course import training
from course.checks import step_cases
from course.checks import training_cases as given
from course.checks.exercise import Exercise, Law, Mistake

FULL, KEY = "(len(batch) + 1) * sum(lengths[i]) > n_tokens", "filling.setdefault(lengths[i], [])"
CLOSE = f"        batch.append(i)\n        if {FULL}:\n            full.append(filling.pop(lengths[i]))\n"
LEFT = "    return full + [filling[length] for length in sorted(filling)]"

batches_by_length = Exercise(
    reference=training.batches_by_length,
    see="lesson 09, 'Batches without waste'",
    cases=given.batch_cases,
    unique=False,
    laws=(
        Law("every pair of `order` stands in one batch, once, by its number, and no batch is empty", given.each_once),
        Law("all sources of a batch are equally long, and all targets", given.no_padding),
        Law("a batch holds at most n_tokens tokens, sources and targets together, unless it is a single pair", given.within_budget),
        Law("of each length at most one batch has room for one more pair", given.well_filled),
        Law("pairs of equal length keep their order", given.order_kept),
    ),
    mistakes=(
        Mistake("sources alone counted", ((FULL, "(len(batch) + 1) * lengths[i][0] > n_tokens"),), "only the source's tokens are counted; the decoder's work is the target, so both count."),
        Mistake("targets alone counted", ((FULL, "(len(batch) + 1) * lengths[i][1] > n_tokens"),), "only the target's tokens are counted; the encoder reads the source too, so both count."),
        Mistake("one pair too many", ((FULL, "len(batch) * sum(lengths[i]) > n_tokens"),), "a batch is closed only when it is already over n_tokens, so it holds one pair too many."),
        Mistake("pairs counted for tokens", ((FULL, "len(batch) >= n_tokens"),), "the pairs are counted, but n_tokens is a number of tokens: a long pair has many."),
        Mistake("closed before it is full", ((FULL, "(len(batch) + 1) * sum(lengths[i]) >= n_tokens"),),
                "a batch is closed though one more pair would exactly fill it; n_tokens itself is allowed."),
        Mistake("closed too early", ((FULL, "(len(batch) + 2) * sum(lengths[i]) > n_tokens"),), "a batch is closed one pair too early: there was room for another one."),
        Mistake("unfilled batches lost", ((LEFT, "    return full"),), "the batches that never became full are thrown away, and with them the rarest lengths: the model would never see these."),
        Mistake("the pair that does not fit is lost", ((CLOSE, "        if (len(batch) + 1) * sum(lengths[i]) <= n_tokens:\n            batch.append(i)\n        else:\n            full.append(filling.pop(lengths[i]))\n"),),
                "the pair that finds its batch full is thrown away; it begins the next one."),
        Mistake("targets of all lengths", ((KEY, "filling.setdefault(lengths[i][0], [])"), ("filling.pop(lengths[i])", "filling.pop(lengths[i][0])")),
                "only the sources are equally long; the targets of a batch would still be padded."),
        Mistake("sources of all lengths", ((KEY, "filling.setdefault(lengths[i][1], [])"), ("filling.pop(lengths[i])", "filling.pop(lengths[i][1])")),
                "only the targets are equally long; the sources of a batch would still be padded."),
        Mistake("equal sums", ((KEY, "filling.setdefault(sum(lengths[i]), [])"), ("filling.pop(lengths[i])", "filling.pop(sum(lengths[i]))")),
                "pairs are put together whose source and target are equally long only in sum; 3 and 4 do not go with 4 and 3."),
        Mistake("lengths mixed", ((KEY, "filling.setdefault(0, [])"), ("filling.pop(lengths[i])", "filling.pop(0)")),
                "the pairs are cut into batches as they come, whatever their lengths: most of them would be padded."),
        Mistake("order ignored", (("for i in order:", "for i in sorted(order):"),), "the pairs are taken in the order of their numbers; `order` was shuffled so that no two rounds are alike."),
        Mistake("places for numbers", (("for i in order:", "for i in range(len(order)):"),), "the batches hold places in `order`; they must hold the numbers that stand there."),
        Mistake("all pairs", (("for i in order:", "for i in range(len(lengths)):"),), "all pairs are dealt out from 0 on; `order` says which, and in which order."),
    ),
)  # fmt: skip


LOG_P, MEAN = "logits.log_softmax(dim=-1)", "(surprise * real).sum() / real.sum()"
MIXED, SPREAD = "-((1 - smoothing) * right + smoothing * log_p.mean(dim=-1))", "log_p.mean(dim=-1)"

label_smoothing_loss = Exercise(
    reference=training.label_smoothing_loss,
    see="lesson 09, 'A loss that forgives a little'",
    cases=given.smoothing_cases,
    gradients=True,
    laws=(
        Law("adding one number to all logits changes nothing", lambda case, out, other: abs(out - other) < 1e-3 * (1 + abs(out)),
            lambda case: case.changed(logits=case["logits"] + 3)),
    ),
    mistakes=(
        Mistake("spread over the others", ((SPREAD, "(log_p.sum(dim=-1) - right) / (logits.shape[-1] - 1)"),),
                "the weight is spread over the V - 1 wrong tokens; here all V get their share, the right one too."),
        Mistake("spread over all but padding", ((SPREAD, "log_p[..., 1:].mean(dim=-1)"),), "<pad> gets no share of the weight; here it is spread over all V tokens."),
        Mistake("sum for mean over the tokens", ((SPREAD, "log_p.sum(dim=-1)"),), "every token gets the whole `smoothing`, V times too much; they share it."),
        Mistake("shares exchanged", ((MIXED, "-(smoothing * right + (1 - smoothing) * log_p.mean(dim=-1))"),), "the two shares have changed places: `smoothing` is what the right token gives away."),
        Mistake("the right one keeps all", ((MIXED, "-(right + smoothing * log_p.mean(dim=-1))"),), "the right token keeps its whole weight; what the others get it must give away, or the weights sum to more than 1."),
        Mistake("no smoothing", ((MIXED, "-right"),), "`smoothing` is not used: this is the loss of lesson 02."),
        Mistake("smoothing fixed", ((MIXED, "-(0.9 * right + 0.1 * log_p.mean(dim=-1))"),), "the smoothing is always 0.1, whatever is asked for."),
        Mistake("the prediction smoothed", ((MIXED, "-((1 - smoothing) * right.exp() + smoothing / logits.shape[-1]).log()"),),
                "the model's probabilities are mixed with equal ones; it is the target that is smoothed, outside the logarithm."),
        Mistake("padding counted", ((MEAN, "surprise.mean()"),), "padding is counted as if it were words to be learned."),
        Mistake("padding smoothed", ((MEAN, "(-(1 - smoothing) * right * real - smoothing * log_p.mean(dim=-1)).sum() / real.sum()"),),
                "at padding the smoothed part still counts; there is nothing to predict there, so nothing may count."),
        Mistake("divided by padding too", ((MEAN, "(surprise * real).sum() / real.numel()"),), "the sum is divided by all places, padding too: a batch with more padding seems to have a smaller loss."),
        Mistake("sum for mean", ((MEAN, "(surprise * real).sum()"),), "the surprises are added up, not averaged, so a larger batch takes larger steps."),
        Mistake("softmax over time", ((LOG_P, "logits.log_softmax(dim=1)"),), "the softmax runs over the places of the sentence; it is the words of the vocabulary that compete, the last axis."),
        Mistake("softmax forgotten", ((LOG_P, "logits"),), "the logits are taken for ln p; they become that only by a softmax and a logarithm."),
        Mistake("no minus", ((MIXED, MIXED[1:]),), "the sign is missing: training would make the right answers less and less likely."),
        Mistake("unstable", ((LOG_P, "(logits.exp() / logits.exp().sum(dim=-1, keepdim=True)).log()"),), "exp(logits) is computed by itself and overflows for large logits; log_softmax is made so that it does not."),
        Mistake("smoothing not learned from", ((SPREAD, "log_p.detach().mean(dim=-1)"),), "the smoothed part is detached: the number is right, but its gradient never arrives."),
    ),
)  # fmt: skip


RATE = "d_model**-0.5 * min(step**-0.5, step * n_warmup**-1.5)"

inverse_sqrt_schedule = Exercise(
    reference=training.inverse_sqrt_schedule,
    see="lesson 09, 'Warm up, cool down'",
    cases=given.paper_cases,
    mistakes=(
        Mistake("the larger of the two", (("**-0.5 * min(", "**-0.5 * max("),), "the larger of the two is taken: the first step would then be the largest, and the rate would end by growing."),
        Mistake("no warm-up", ((RATE, "d_model**-0.5 * step**-0.5"),), "there is no warm-up: the first step is the largest of all."),
        Mistake("never down", ((RATE, "d_model**-0.5 * min(n_warmup**-0.5, step * n_warmup**-1.5)"),), "after the warm-up the rate stays where it is; it must fall with the root of the step."),
        Mistake("up for ever", ((RATE, "d_model**-0.5 * step * n_warmup**-1.5"),), "the rate rises for ever; after the warm-up it falls with the root of the step."),
        Mistake("n_warmup to the power -0.5", (("n_warmup**-1.5", "n_warmup**-0.5"),), "the warm-up is n_warmup times too steep: with -1.5 the two branches meet exactly at n_warmup."),
        Mistake("d_model left out", (("d_model**-0.5 * ", ""),), "the width of the model is left out; wider models take smaller steps."),
        Mistake("times the root of d_model", (("d_model**-0.5", "d_model**0.5"),), "the rate grows with the root of d_model; it is divided by it."),
        Mistake("the root forgotten", (("step**-0.5", "step**-1.0"),), "the rate falls with the step itself; it is the root of the step."),
        Mistake("counted from 0", ((RATE, "d_model**-0.5 * min((step + 1)**-0.5, (step + 1) * n_warmup**-1.5)"),), "1 is added to the step; it is counted from 1 already."),
        Mistake("1 at the top", (("d_model**-0.5 * ", "n_warmup**0.5 * "),), "the rate is 1 at the top; in the paper its height hangs on d_model and n_warmup."),
        Mistake("the sum of the two", (("min(step**-0.5, step * n_warmup**-1.5)", "(step**-0.5 + step * n_warmup**-1.5)"),), "the two branches are added; the smaller of them counts."),
    ),
)  # fmt: skip


DOWN, UP = "(n_steps - step) / (n_steps - n_warmup)", "return step / n_warmup"

warmup_schedule = Exercise(
    reference=training.warmup_schedule,
    see="lesson 09, 'Warm up, cool down'",
    cases=given.line_cases,
    mistakes=(
        Mistake("counted from 0", (("    if step <=", "    step = step - 1\n    if step <"),), "everything comes one step late: at step 1 the share is 0, so a whole batch teaches nothing, and the last step is not 0."),
        Mistake("one step early", (("    if step", "    step = step + 1\n    if step"),), "everything comes one step early: the top is reached before n_warmup."),
        Mistake("no warm-up", ((UP, "return 1.0"),), "the share is 1 from the first step on; it must rise from almost nothing, while the first gradients are wild."),
        Mistake("never down", ((DOWN, "1.0"),), "after the warm-up the share stays at 1; it must go down to 0 so that the last steps are small."),
        Mistake("down from the start", ((DOWN, "(n_steps - step) / n_steps"),), "the way down is measured from step 0 on, so at the end of the warm-up the share jumps below 1."),
        Mistake("both lines multiplied", ((UP, "return step / n_warmup * (n_steps - step) / n_steps"), (DOWN, "(n_steps - step) / n_steps")), "the two lines are multiplied, so the share never reaches 1."),
        Mistake("never quite 0", ((DOWN, "(n_steps - step + 1) / (n_steps - n_warmup)"),), "the way down begins one step late, and the last step is not 0."),
        Mistake("divided by n_steps", ((UP, "return step / n_steps"),), "on the way up the step is divided by n_steps: at n_warmup the share would jump from a little up to 1."),
        Mistake("the larger of the two", (("    if step <= n_warmup:", "    if step > n_warmup or n_warmup == 0:"), (UP, "return step / max(n_warmup, 1)")),
                "the larger of the two lines is taken, max for min: the share starts above 1 and ends far above it."),
        Mistake("whole numbers", ((UP, "return step // n_warmup"),), "// cuts off the fraction: the share is 0 until the warm-up is over."),
        Mistake("a root for the line", ((DOWN, "(n_warmup / step) ** 0.5"),), "this is the paper's way down, by the root of the step; asked for is a straight line that ends in 0."),
        Mistake("a cosine for the line", ((DOWN, "(1 + math.cos(math.pi * (step - n_warmup) / (n_steps - n_warmup))) / 2"),), "the way down is half a cosine; asked for is a straight line."),
    ),
)  # fmt: skip


LOSS = "label_smoothing_loss(model(source, inputs), answers, smoothing)"
CLIP, STEP, ZERO = "    nn.utils.clip_grad_norm_(model.parameters(), clip, foreach=True)\n", "    optimizer.step()\n", "    optimizer.zero_grad()\n"
BACK = "    loss.backward()\n"

train_step = Exercise(
    reference=training.train_step,
    see="lesson 09, 'One step'",
    cases=step_cases.step_cases,
    trial=step_cases.two_steps,
    mistakes=(
        Mistake("gradients not set to zero", ((ZERO, ""),), "the gradients of the step before are still there, and backward adds the new ones to them."),
        Mistake("set to zero after backward", ((ZERO, ""), (BACK, BACK + ZERO)), "the gradients are thrown away between backward and the step, so nothing is left to learn from."),
        Mistake("step before backward", ((STEP, ""), (ZERO + BACK, STEP + ZERO + BACK)), "the optimizer moves the weights before backward has said whereto: each step uses the gradients of the batch before."),
        Mistake("no step", ((STEP, ""),), "the weights never move: the optimizer is not told to step."),
        Mistake("not cut", ((CLIP, ""),), "the step is made with the whole gradient; it must be cut after backward has made it and before the optimizer uses it."),
        Mistake("each number cut", (("clip_grad_norm_", "clip_grad_value_"),), "each number of the gradient is cut by itself, which changes its direction; it is the norm of all together that is cut."),
        Mistake("each table cut alone", ((CLIP, "    for weights in model.parameters():\n        nn.utils.clip_grad_norm_(weights, clip)\n"),),
                "each parameter's gradient is cut to the norm by itself; it is the norm of all of them together."),
        Mistake("always of norm `clip`", ((CLIP, CLIP + "    norm = torch.stack([w.grad.norm() for w in model.parameters()]).norm()\n    for w in model.parameters():\n        w.grad *= clip / norm\n"),),
                "short gradients are stretched to the norm `clip`; only those that are longer are cut."),
        Mistake("`clip` ignored", ((CLIP, CLIP.replace("clip,", "1.0,")),), "the gradients are always cut to 1; `clip` says to what."),
        Mistake("the answers shown", ((LOSS, LOSS.replace("inputs", "answers")),), "the model is given the answers and asked for the answers: it learns to copy, and at the end it cannot translate."),
        Mistake("inputs and answers exchanged", (("inputs, answers = shift_right(target)", "answers, inputs = shift_right(target)"),), "inputs and answers have changed places: the model learns to say the word before."),
        Mistake("target not shifted", (("inputs, answers = shift_right(target)", "inputs = answers = target"),), "the target is both given and asked for, without <bos> and <eos>: the model learns to copy, and never when to stop."),
        Mistake("cut without <bos> and <eos>", (("inputs, answers = shift_right(target)", "inputs, answers = target[:, :-1], target[:, 1:]"),),
                "the target is shifted without <bos> in front and <eos> behind: how to begin and when to stop is never learned."),
        Mistake("smoothing ignored", ((LOSS, LOSS.replace("smoothing)", "0.0)")),), "the loss is not smoothed."),
        Mistake("smoothing fixed", ((LOSS, LOSS.replace(", smoothing)", ")")),), "the loss is always smoothed by 0.1; `smoothing` says by how much."),
        Mistake("loss with its graph", (("return loss.item()", "return loss"),), "the loss comes back as a tensor that holds on to all that it was computed from, and a list of a thousand such losses fills the memory; return the bare number."),
        Mistake("loss after the step", (("return loss.item()", f"return {LOSS}.item()"),), "the loss is measured anew after the step; what is asked for is the one that the step was made from, at no further cost."),
    ),
)  # fmt: skip
