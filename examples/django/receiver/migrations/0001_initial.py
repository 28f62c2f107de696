from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    operations = [
        migrations.CreateModel(
            name="Received",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=600, unique=True)),
                ("type", models.CharField(max_length=200)),
                ("body", models.BinaryField()),
                ("done_at", models.DateTimeField(null=True)),
            ],
        ),
    ]
